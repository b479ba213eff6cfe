/** Draws a soak as a timeline: outcomes, latency and memory, one above the other, faults behind. */
import { MB, percentile, type MemorySample, type Second } from './record.ts';
import type { Outcome } from './traffic.ts';
import type { Spell } from './weather.ts';

export interface Timeline {
  readonly title: string;
  readonly seconds: readonly Second[];
  readonly memory: readonly MemorySample[];
  readonly spells: readonly Spell[];
}

interface Panel {
  readonly top: number;
  readonly height: number;
  readonly label: string;
}

const WIDTH = 1200;
const MARGIN = { left: 70, right: 20 };
const OUTCOMES: Panel = { top: 60, height: 220, label: 'answers a second' };
const LATENCY: Panel = { top: 330, height: 180, label: 'latency, ms (log)' };
const MEMORY: Panel = { top: 560, height: 110, label: 'memory, MB' };
const HEIGHT = 720;

const COLOURS: Readonly<Record<Outcome, string>> = {
  allow: '#2e7d32',
  deny: '#c77700',
  unauthenticated: '#1565c0',
  unavailable: '#c62828',
  crash: '#000000',
};
const STACK: readonly Outcome[] = ['allow', 'deny', 'unauthenticated', 'unavailable', 'crash'];
const LINES = { p50: '#455a64', p99: '#8e24aa', heap: '#00695c', rss: '#6d4c41' };

/** One SVG document. */
export function drawTimeline({ title, seconds, memory, spells }: Timeline): string {
  const duration = Math.max(1, seconds.length);
  const x = (second: number): number =>
    round(MARGIN.left + (second / duration) * (WIDTH - MARGIN.left - MARGIN.right));
  const parts = [
    `<text x="${MARGIN.left}" y="24" font-size="16" font-weight="bold">${escapeXml(title)}</text>`,
    legend(),
    ...spells.map((spell) => drawSpell(spell, duration, x)),
    ...drawOutcomes(seconds, x),
    ...drawLatency(seconds, x),
    ...drawMemory(memory, x),
    ...[OUTCOMES, LATENCY, MEMORY].map(drawFrame),
    ...ticks(duration).map(
      (second) =>
        `<text x="${x(second)}" y="${HEIGHT - 26}" text-anchor="middle">${second} s</text>`,
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

function drawSpell(
  { from, until, name }: Spell,
  duration: number,
  x: (s: number) => number,
): string {
  const left = x(from);
  const width = round(x(Math.min(until, duration)) - left);
  const bands = [OUTCOMES, LATENCY].map(
    ({ top, height }) =>
      `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#fde0dc"/>`,
  );
  const middle = round(left + width / 2 + 3);
  const label = `<text transform="translate(${middle} ${OUTCOMES.top + 6}) rotate(90)" font-size="9" fill="#8d2a1f">${escapeXml(name)}</text>`;
  return [...bands, label].join('');
}

function drawOutcomes(seconds: readonly Second[], x: (s: number) => number): readonly string[] {
  const totals = seconds.map(({ outcomes }) =>
    STACK.reduce((sum, name) => sum + outcomes[name], 0),
  );
  const most = Math.max(1, ...totals);
  const barWidth = Math.max(0.5, round(x(1) - x(0) - 0.2));
  const bars = seconds.flatMap(({ outcomes }, second) => {
    let base = OUTCOMES.top + OUTCOMES.height;
    return STACK.filter((name) => outcomes[name] > 0).map((name) => {
      const height = round((outcomes[name] / most) * OUTCOMES.height);
      base = round(base - height);
      return `<rect x="${x(second)}" y="${base}" width="${barWidth}" height="${height}" fill="${COLOURS[name]}" fill-opacity="0.8"/>`;
    });
  });
  return [...bars, axisText(OUTCOMES, 0, String(most)), axisText(OUTCOMES, 1, '0')];
}

/** From 0.1 ms at the bottom to 10 s at the top. */
function drawLatency(seconds: readonly Second[], x: (s: number) => number): readonly string[] {
  const y = (ms: number): number => {
    const part = (Math.log10(Math.min(10_000, Math.max(0.1, ms))) + 1) / 5;
    return round(LATENCY.top + LATENCY.height * (1 - part));
  };
  const line = (part: number, colour: string): string =>
    polyline(
      seconds.flatMap(({ latencies }, second) =>
        latencies.length === 0 ? [] : [[x(second + 0.5), y(percentile(latencies, part))] as const],
      ),
      colour,
    );
  const grid = [1, 10, 100, 1000].map(
    (ms, index) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(ms)}" y2="${y(ms)}" stroke="#dddddd"/>${axisText(LATENCY, 1 - (index + 1) / 5, String(ms))}`,
  );
  return [...grid, line(0.5, LINES.p50), line(0.99, LINES.p99)];
}

function drawMemory(memory: readonly MemorySample[], x: (s: number) => number): readonly string[] {
  const most = Math.max(1, ...memory.map(({ rss }) => rss / MB));
  const y = (bytes: number): number => round(MEMORY.top + MEMORY.height * (1 - bytes / MB / most));
  return [
    polyline(
      memory.map(({ at, rss }) => [x(at), y(rss)] as const),
      LINES.rss,
    ),
    polyline(
      memory.map(({ at, heapUsed }) => [x(at), y(heapUsed)] as const),
      LINES.heap,
    ),
    axisText(MEMORY, 0, most.toFixed(0)),
    axisText(MEMORY, 1, '0'),
  ];
}

function drawFrame({ top, height, label }: Panel): string {
  const width = WIDTH - MARGIN.left - MARGIN.right;
  return `<rect x="${MARGIN.left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#888888"/><text transform="translate(16 ${top + height / 2}) rotate(-90)" text-anchor="middle">${label}</text>`;
}

function legend(): string {
  const entries = [
    ...STACK.filter((name) => name !== 'crash').map((name) => [name, COLOURS[name]] as const),
    ...Object.entries(LINES),
    ['fault', '#f3b0a8'] as const,
  ];
  return entries
    .map(([name, colour], index) => {
      const left = MARGIN.left + index * 115;
      return `<rect x="${left}" y="36" width="10" height="10" fill="${colour}"/><text x="${left + 14}" y="45">${name}</text>`;
    })
    .join('');
}

const polyline = (points: readonly (readonly [number, number])[], colour: string): string =>
  `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;

/** @param part from the top (0) to the bottom (1) */
const axisText = ({ top, height }: Panel, part: number, text: string): string =>
  `<text x="${MARGIN.left - 6}" y="${round(top + part * height + 4)}" text-anchor="end">${text}</text>`;

function ticks(duration: number): readonly number[] {
  const step = [5, 10, 30, 60, 300, 600].find((seconds) => duration / seconds <= 12) ?? 1800;
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.codePointAt(0)};`);
}
