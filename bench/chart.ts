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
  .init { fill: #8c959f; } .first { fill: #c3c9d0; }
  .own-init { fill: #0b5cad; } .own-first { fill: #6aaef0; }
  .tuned { fill: none; stroke: #1f2328; stroke-width: 1.5; }
  .spread { stroke: #1f2328; stroke-width: 1.5; } .axis { stroke: #d1d9e0; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .muted { fill: #9198a1; }
    .init { fill: #7d8590; } .first { fill: #4d555e; }
    .own-init { fill: #2f81f7; } .own-first { fill: #1b4b91; }
    .tuned, .spread { stroke: #f0f6fc; } .axis { stroke: #3d444d; }
  }`;

/** A chart of each Node's cold starts: peers in their default bundle, with a ring where tuned. */
export function drawColdStarts(results: Results): string {
  const all = results.runtimes.flatMap(({ coldStart }) => coldStart);
  const scale = PLOT_WIDTH / Math.max(...all.map(({ togetherMs }) => togetherMs.p75));
  const body: string[] = [];
  let y = HEADER_HEIGHT;
  for (const { runtime, coldStart } of results.runtimes.toReversed()) {
    body.push(`<text class="own" x="0" y="${y + 16}">${escapeXml(runtime)}</text>`);
    y += SECTION_HEIGHT - 8;
    const top = y;
    for (const result of coldStart) {
      if (result.id !== 'rollcall' && result.bundling === 'tuned') continue;
      const tuned = coldStart.find(({ id, bundling }) => id === result.id && bundling === 'tuned');
      body.push(...drawRow(result, tuned, y, scale));
      y += ROW_HEIGHT;
    }
    body.push(line('axis', LABEL_WIDTH, top - 2, LABEL_WIDTH, y));
    y += 12;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-labelledby="title">
<style>${STYLE}
</style>
<text id="title" class="title" x="0" y="18">Cold start: what the first caller waits for (ms, median; shorter is better)</text>
<text class="muted" x="0" y="38">${describeModel(results)}</text>
${drawLegend()}
${body.join('\n')}
</svg>
`;
}

function describeModel({ processorShare, rounds }: Results): string {
  const first =
    processorShare === null
      ? 'the first decision is processor time'
      : `the first decision with ${processorShare.toFixed(2)} of a processor, as at 512 MB`;
  return `The init at full speed, ${first}. ${rounds} rounds; key server and table on loopback.`;
}

function drawRow(
  { id, name, initMs, togetherMs }: ColdStartResult,
  tuned: ColdStartResult | undefined,
  y: number,
  scale: number,
): string[] {
  const own = id === 'rollcall';
  const middle = y + ROW_HEIGHT / 2;
  const at = (ms: number): number => LABEL_WIDTH + ms * scale;
  const label = own ? name : `(${id}) ${name}`;
  const tunedMs = own ? undefined : tuned?.togetherMs.median;
  const end = Math.max(at(togetherMs.p75), at(tunedMs ?? 0) + 5);
  const figures = [togetherMs.median, ...(tunedMs === undefined ? [] : [tunedMs])]
    .map((ms) => ms.toFixed(0))
    .join(' · ');
  const ownText = own ? ' class="own"' : '';
  const ownBar = own ? 'own-' : '';
  const barY = middle - BAR_HEIGHT / 2;
  return [
    `<text${ownText} x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    bar(`${ownBar}init`, LABEL_WIDTH, barY, initMs.median * scale),
    bar(`${ownBar}first`, at(initMs.median), barY, (togetherMs.median - initMs.median) * scale),
    line('spread', at(togetherMs.p25), middle, at(togetherMs.p75), middle),
    ...(tunedMs === undefined ? [] : [ring(at(tunedMs), middle)]),
    `<text${ownText} x="${coordinate(end + 8)}" y="${middle + 4}">${figures}</text>`,
  ];
}

function drawLegend(): string {
  const y = 54;
  return [
    bar('init', 0, y - 9, 14),
    `<text class="muted" x="20" y="${y + 2}">init</text>`,
    bar('first', 56, y - 9, 14),
    `<text class="muted" x="76" y="${y + 2}">first decision</text>`,
    line('spread', 166, y - 2, 184, y - 2),
    `<text class="muted" x="190" y="${y + 2}">quartiles</text>`,
    ring(256, y - 3),
    `<text class="muted" x="267" y="${y + 2}">the same peer (second figure), bundled the way Rollcall is</text>`,
  ].join('\n');
}

function ring(x: number, y: number): string {
  return `<circle class="tuned" cx="${coordinate(x)}" cy="${y}" r="4.5"/>`;
}

function bar(className: string, x: number, y: number, width: number): string {
  return `<rect class="${className}" x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${BAR_HEIGHT}"/>`;
}

function line(className: string, x1: number, y1: number, x2: number, y2: number): string {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map(coordinate);
  return `<line class="${className}" x1="${left}" y1="${top}" x2="${right}" y2="${bottom}"/>`;
}

function coordinate(value: number): string {
  return value.toFixed(1);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
