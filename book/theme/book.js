// What scrolls sideways can be reached by keyboard: not every browser sees to that by itself.
(() => {
    const reach = () => {
        for (const box of document.querySelectorAll("pre > code, .table-wrapper, .equation, .drawing")) {
            if (box.scrollWidth > box.clientWidth + 1) {
                box.tabIndex = 0;
            } else {
                box.removeAttribute("tabindex");
            }
        }
    };
    addEventListener("load", reach);
    addEventListener("resize", reach);
    addEventListener("toggle", reach, true);
    document.fonts.ready.then(reach);
})();
