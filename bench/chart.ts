/** Cold starts as bars: an SVG that stands on its own and follows the reader's colour scheme. */
import type { ColdStartResult, Results } from './results.ts';

const WIDTH = 760;
const LABEL_WIDTH = 290;
const PLOT_WIDTH = 370;
const ROW_HEIGHT = 26;
const BAR_HEIGHT = 14;
const HEADER_HEIGHT = 74;
const SECTION_HEIGHT = 34;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .muted { fill: #59636e; font-size: 12px; }
  .own { font-weight: 600; }
  .import { fill: #8c959f; } .rest { fill: #c3c9d0; }
  .own-import { fill: #0b5cad; } .own-rest { fill: #6aaef0; }
  .tuned { fill: none; stroke: #1f2328; stroke-width: 1.5; }
  .axis { stroke: #d1d9e0; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .muted { fill: #9198a1; }
    .import { fill: #7d8590; } .rest { fill: #4d555e; }
    .own-import { fill: #2f81f7; } .own-rest { fill: #1b4b91; }
    .tuned { stroke: #f0f6fc; } .axis { stroke: #3d444d; }
  }`;

/** A chart of every runtime's cold starts; peers as bundled usually, and a ring where tuned. */
export function drawColdStarts(results: Results): string {
  const longest = Math.max(
    ...results.runtimes.flatMap(({ coldStart }) =>
      coldStart.map(({ firstDecisionMs }) => firstDecisionMs.median),
    ),
  );
  const scale = PLOT_WIDTH / longest;
  const body: string[] = [];
  let y = HEADER_HEIGHT;
  for (const { runtime, coldStart } of results.runtimes) {
    body.push(`<text class="own" x="0" y="${y + 16}">${escapeXml(runtime)}</text>`);
    y += SECTION_HEIGHT - 8;
    const shown = coldStart.filter(({ id, bundling }) => id === 'rollcall' || bundling === 'usual');
    const top = y;
    for (const result of shown) {
      const tuned = coldStart.find((other) => other.id === result.id && other.bundling === 'tuned');
      body.push(...drawRow(result, tuned, y, scale));
      y += ROW_HEIGHT;
    }
    body.push(line(LABEL_WIDTH, top - 2, y));
    y += 12;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-labelledby="title">
<style>${STYLE}
</style>
<text id="title" class="title" x="0" y="18">Cold start: from the import to the first allowed decision (ms, median)</text>
<text class="muted" x="0" y="38">A fresh process each, ${results.rounds} rounds in turn, key server and table on loopback. Shorter is better.</text>
${drawLegend()}
${body.join('\n')}
</svg>
`;
}

function drawRow(
  { id, name, importMs, firstDecisionMs }: ColdStartResult,
  tuned: ColdStartResult | undefined,
  y: number,
  scale: number,
): string[] {
  const own = id === 'rollcall';
  const middle = y + ROW_HEIGHT / 2;
  const barY = middle - BAR_HEIGHT / 2;
  const importWidth = importMs.median * scale;
  const width = firstDecisionMs.median * scale;
  const label = own ? name : `(${id}) ${name}`;
  const tunedX = (tuned?.firstDecisionMs.median ?? 0) * scale;
  const end = own ? width : Math.max(width, tunedX + 5);
  const tunedText =
    own || tuned === undefined ? '' : ` (${tuned.firstDecisionMs.median.toFixed(0)})`;
  return [
    `<text${own ? ' class="own"' : ''} x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    bar(`${own ? 'own-' : ''}import`, LABEL_WIDTH, barY, importWidth),
    bar(`${own ? 'own-' : ''}rest`, LABEL_WIDTH + importWidth, barY, width - importWidth),
    own || tuned === undefined
      ? ''
      : `<circle class="tuned" cx="${coordinate(LABEL_WIDTH + tunedX)}" cy="${middle}" r="4.5"/>`,
    `<text${own ? ' class="own"' : ''} x="${coordinate(LABEL_WIDTH + end + 8)}" y="${middle + 4}">${firstDecisionMs.median.toFixed(0)}${tunedText}</text>`,
  ].filter((element) => element !== '');
}

function drawLegend(): string {
  const y = 54;
  return [
    bar('import', 0, y - 9, 14),
    `<text class="muted" x="20" y="${y + 2}">import</text>`,
    bar('rest', 72, y - 9, 14),
    `<text class="muted" x="92" y="${y + 2}">keys, table, answer</text>`,
    `<circle class="tuned" cx="226" cy="${y - 3}" r="4.5"/>`,
    `<text class="muted" x="237" y="${y + 2}">(in brackets) the same peer, bundled the way Rollcall is</text>`,
  ].join('\n');
}

function bar(className: string, x: number, y: number, width: number): string {
  return `<rect class="${className}" x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${BAR_HEIGHT}"/>`;
}

function line(x: number, top: number, bottom: number): string {
  return `<line class="axis" x1="${x}" y1="${top}" x2="${x}" y2="${bottom}"/>`;
}

function coordinate(value: number): string {
  return value.toFixed(1);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
