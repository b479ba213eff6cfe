/** Monthly cost against how long a revocation may take, as an SVG that stands on its own. */
import type { MonthlyBill } from './bill.ts';

const WIDTH = 760;
const LABEL_WIDTH = 170;
const PLOT_WIDTH = 420;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 18;
const HEADER_HEIGHT = 84;

const PARTS = [
  { className: 'lambda', label: 'Lambda', cost: (bill: MonthlyBill) => bill.lambdaCost },
  { className: 'table', label: 'DynamoDB', cost: (bill: MonthlyBill) => bill.tableCost },
  { className: 'logs', label: 'logs and metrics', cost: (bill: MonthlyBill) => bill.logCost },
] as const;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .muted { fill: #59636e; font-size: 12px; }
  .lambda { fill: #0b5cad; } .table { fill: #6aaef0; } .logs { fill: #b3b9c0; }
  .axis { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .muted { fill: #9198a1; }
    .lambda { fill: #2f81f7; } .table { fill: #1b4b91; } .logs { fill: #6e7681; }
    .axis { stroke: #3d444d; }
  }`;

/** A bar for each bill, in the order given. */
export function drawCosts(bills: readonly MonthlyBill[], subtitle: string): string {
  const highest = Math.max(...bills.map(({ totalCost }) => totalCost));
  const scale = highest === 0 ? 0 : PLOT_WIDTH / highest;
  const height = HEADER_HEIGHT + bills.length * ROW_HEIGHT + 10;
  const rows = bills.flatMap((bill, index) =>
    drawRow(bill, HEADER_HEIGHT + index * ROW_HEIGHT, scale),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<style>${STYLE}
</style>
<text id="title" class="title" x="0" y="18">Monthly cost by how long a revocation may take</text>
<text class="muted" x="0" y="38">${escapeXml(subtitle)}</text>
${drawLegend()}
${rows.join('\n')}
<line class="axis" x1="${LABEL_WIDTH}" y1="${HEADER_HEIGHT - 4}" x2="${LABEL_WIDTH}" y2="${height - 6}"/>
</svg>
`;
}

function drawRow(bill: MonthlyBill, y: number, scale: number): string[] {
  const middle = y + ROW_HEIGHT / 2;
  const delay = bill.revocationDelaySeconds;
  const elements = [
    `<text x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${delay === 0 ? 'at once' : `up to ${delay} s`}</text>`,
  ];
  let x = LABEL_WIDTH;
  for (const { className, cost } of PARTS) {
    const width = cost(bill) * scale;
    elements.push(
      `<rect class="${className}" x="${x.toFixed(1)}" y="${middle - BAR_HEIGHT / 2}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}"/>`,
    );
    x += width;
  }
  elements.push(
    `<text x="${(x + 8).toFixed(1)}" y="${middle + 4}">$${Math.round(bill.totalCost).toLocaleString('en-US')}</text>`,
  );
  return elements;
}

function drawLegend(): string {
  let x = 0;
  return PARTS.map(({ className, label }) => {
    const item = `<rect class="${className}" x="${x}" y="52" width="14" height="14"/><text class="muted" x="${x + 20}" y="64">${label}</text>`;
    x += 48 + label.length * 7;
    return item;
  }).join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
