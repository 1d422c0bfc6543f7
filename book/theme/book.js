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
    // A name with a hyphen in it, or an option, is one word: 24 signs fit in every line of a phone.
    for (const name of document.querySelectorAll(":not(pre) > code")) {
        if (/^\S{1,24}$/.test(name.textContent)) {
            name.style.whiteSpace = "nowrap";
        }
    }
    addEventListener("resize", reach);
    addEventListener("toggle", reach, true);
    document.fonts.ready.then(reach);
})();
