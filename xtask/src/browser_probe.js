// Runs in the rendered report: complains about what a reader would.
(() => {
  const complaints = [];
  const shown = (element) => {
    const style = getComputedStyle(element);
    return style.display !== "none" && style.visibility !== "hidden" && element.getClientRects().length > 0;
  };
  const short = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 40));

  // Nothing makes the page wider than its window.
  if (document.documentElement.scrollWidth > window.innerWidth + 1) {
    complaints.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
  }

  // In every chart: texts stay inside and do not lie on one another.
  for (const svg of document.querySelectorAll("svg")) {
    if (!shown(svg)) continue;
    const title = svg.querySelector("title");
    const name = title ? short(title.textContent) : "a chart without a title";
    if (!title) complaints.push("a chart has no title");
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].filter((text) => shown(text) && text.textContent.trim());
    const boxes = texts.map((text) => text.getBoundingClientRect());
    boxes.forEach((box, index) => {
      const inside = box.left >= frame.left - 2 && box.right <= frame.right + 2 && box.top >= frame.top - 2 && box.bottom <= frame.bottom + 2;
      if (!inside) complaints.push(`${name}: ${short(texts[index].textContent)} is cut off`);
      for (let other = index + 1; other < boxes.length; other += 1) {
        const next = boxes[other];
        const width = Math.min(box.right, next.right) - Math.max(box.left, next.left);
        const height = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
        // Boxes hold the ascent and descent of letters that are not there: a third of a line may touch.
        if (width > 1 && height > Math.min(box.height, next.height) * 0.34) {
          complaints.push(`${name}: ${short(texts[index].textContent)} lies on ${short(texts[other].textContent)}`);
        }
      }
    });
  }

  // Text can be told from its background.
  const luminance = (colour) => {
    const parts = colour.match(/[\d.]+/g).slice(0, 3).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const page = luminance(getComputedStyle(document.body).backgroundColor);
  for (const element of document.querySelectorAll("p, td, th, h1, h2, h3, li")) {
    if (!shown(element)) continue;
    const style = getComputedStyle(element);
    if (style.backgroundColor !== "rgba(0, 0, 0, 0)") continue;
    const ink = luminance(style.color);
    const contrast = (Math.max(ink, page) + 0.05) / (Math.min(ink, page) + 0.05);
    if (contrast < 3) {
      complaints.push(`${short(element.textContent)} has a contrast of ${contrast.toFixed(1)}`);
      break;
    }
  }
  document.head.appendChild(document.createComment(`probe:\n${complaints.slice(0, 30).join("\n")}\n:probe`));
})();
