// What is wrong with a page as a reader sees it: `inspect(window)` returns sentences. `book/screenshots` asks it of
// every page, in every width and theme.

function inspect(view) {
    const page = view.document, root = page.documentElement, wide = root.clientWidth;
    const main = page.querySelector("main"), wrong = [];
    const all = (selector, from = main) => [...from.querySelectorAll(selector)];
    const words = e => `${e.tagName.toLowerCase()} "${e.textContent.trim().replace(/\s+/g, " ").slice(0, 50)}"`;
    const style = e => view.getComputedStyle(e);
    const seen = e => e.getClientRects().length > 0;

    // Nothing sticks out of the window, but for what scrolls in a box of its own. (All that is around the text scrolls,
    // too, and does not count.)
    const held = e => e && e !== main && (["auto", "scroll"].includes(style(e).overflowX) || held(e.parentElement));
    const out = all("*").filter(e => seen(e) && e.getBoundingClientRect().right > wide + 1 && !held(e.parentElement));
    if (root.scrollWidth > wide || out.length) wrong.push(`wider than the window: ${out.slice(0, 3).map(words).join("; ")}`);

    // Figures are seen whole, and their words can be read.
    for (const drawing of all(".drawing").filter(seen)) {
        const name = drawing.closest("figure").id;
        if (drawing.scrollWidth > drawing.clientWidth + 1) wrong.push(`${name} is cut off: ${drawing.clientWidth} of ${drawing.scrollWidth} pixels`);
        for (const text of all("svg text", drawing)) {
            const high = parseFloat(style(text).fontSize) * text.getScreenCTM().a;
            if (high < 10.5) { wrong.push(`${name}: words are ${high.toFixed(1)} pixels high`); break; }
        }
    }

    // Code is seen whole on a desktop. What scrolls on a phone can be reached by keyboard.
    for (const box of all("pre > code, .table-wrapper, .equation, .drawing").filter(seen)) {
        if (box.scrollWidth <= box.clientWidth + 1) continue;
        if (wide >= 1280) wrong.push(`cut off: ${words(box)}, ${box.clientWidth} of ${box.scrollWidth} pixels`);
        if (box.tabIndex < 0) wrong.push(`scrolls and cannot be reached by keyboard: ${words(box)}`);
    }

    // No column of a table is a word wide.
    for (const cell of all("td").filter(seen)) {
        const lines = cell.getBoundingClientRect().height / parseFloat(style(cell).lineHeight || 20);
        if (lines > 6 && cell.textContent.trim().length / lines < 8) wrong.push(`a column of single words: ${words(cell)}`);
    }

    // Formulas: columns stand below each other, and every sign is in the font that comes with the book.
    for (const table of all("mtable.menv-alignlike").filter(seen)) {
        const rows = [...table.children].map(row => [...row.children].map(cell => [...cell.children].map(e => e.getBoundingClientRect()).filter(r => r.width)));
        const columns = Math.max(...rows.map(row => row.length));
        for (let column = 1; column < columns; column += 2) {
            const lefts = rows.map(row => row[column]).filter(cell => cell && cell.length).map(cell => Math.min(...cell.map(r => r.left)));
            if (Math.max(...lefts) - Math.min(...lefts) > 1) wrong.push(`a column of a formula is not aligned: ${words(table)}`);
        }
    }
    for (const table of all("mtable.menv-cells-left").filter(seen)) {
        const cells = [...table.children].map(row => row.children[0]).map(cell => cell.getBoundingClientRect().left - cell.firstElementChild.getBoundingClientRect().left);
        if (Math.max(...cells) - Math.min(...cells) > 1) wrong.push(`cases are not aligned: ${words(table)}`);
    }
    const signs = new Set(all("math").map(m => m.textContent.replace(/\s/g, "")).join(""));
    if (signs.size) {
        const canvas = page.createElement("canvas").getContext("2d");
        const width = (sign, other) => { canvas.font = `100px "Deep Nets Mathematics", ${other}`; return canvas.measureText(sign).width; };
        const missing = [...signs].filter(sign => !/[\u2061-\u2064]/.test(sign) && width(sign, "monospace") !== width(sign, "sans-serif"));
        if (missing.length) wrong.push(`not in the font of formulas: ${missing.join(" ")}`);
    }

    // Links can be told from what is behind them: 4.5 : 1, as WCAG 2 asks.
    const channels = colour => (colour.match(/[\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = e => { const c = channels(style(e).backgroundColor); return !e.parentElement || c.length === 3 || c[3] === 1 ? c : behind(e.parentElement); };
    const links = [...all("a"), ...all("a, .chapter-item > span", page.querySelector("#mdbook-sidebar") || page.createElement("nav"))];
    for (const link of links.filter(seen)) {
        if (!link.textContent.trim()) continue;
        const [a, b] = [light(channels(style(link).color)), light(behind(link))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(1)}: ${words(link)}`);
    }
    return [...new Set(wrong)];
}
