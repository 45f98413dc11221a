export const WIDTH = 900;

/** A self-contained image on a white background. */
export function image(height: number, shapes: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">`,
    bar(0, 0, WIDTH, height, "#ffffff"),
    ...shapes,
    "</svg>\n",
  ].join("\n");
}

export function bar(x: number, y: number, width: number, height: number, color: string): string {
  return `<rect x="${x}" y="${y}" width="${Math.max(1, width).toFixed(1)}" height="${height}" fill="${color}"/>`;
}

export function label(x: number, y: number, text: string, anchor: "start" | "end" = "start"): string {
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escapeText(text)}</text>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
