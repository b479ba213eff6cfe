/** Finds the route of a request: exact segments before `{parameters}` before a greedy `{rest+}`. */
import { decodePercent } from './incoming.ts';

export interface Route {
  /** `ANY` takes every method. */
  readonly method: string;
  /** Such as `/orders/{id}`; `/` for the root. */
  readonly path: string;
}

export interface RouteMatch<R extends Route> {
  readonly route: R;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** A route is ranked by its segments, left to right; the lowest wins. */
const RANK = { exact: '0', parameter: '1', greedy: '2' } as const;

/** The most specific route that takes `method` and `rawPath` (percent-encoded). */
export function findRoute<R extends Route>(
  routes: readonly R[],
  method: string,
  rawPath: string,
): RouteMatch<R> | undefined {
  const actual = segments(rawPath).map((segment) => decodePercent(segment));
  let best: (RouteMatch<R> & { readonly rank: string }) | undefined;
  for (const route of routes) {
    if (route.method !== method && route.method !== 'ANY') continue;
    const match = matchSegments(segments(route.path), actual);
    if (match === undefined) continue;
    const rank = `${match.rank}${route.method === 'ANY' ? 1 : 0}`;
    if (best === undefined || rank < best.rank) {
      best = { route, pathParameters: match.parameters, rank };
    }
  }
  return best;
}

/** The path as it stands in an ARN: decoded, without the leading slash. */
export function arnPath(rawPath: string): string {
  return segments(rawPath)
    .map((segment) => decodePercent(segment))
    .join('/');
}

function segments(path: string): string[] {
  return path.replace(/^\//u, '').split('/');
}

function matchSegments(
  pattern: readonly string[],
  actual: readonly string[],
): { readonly parameters: Record<string, string>; readonly rank: string } | undefined {
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [index, part] of pattern.entries()) {
    const { name, greedy } = /^\{(?<name>[^+}]+)(?<greedy>\+?)\}$/u.exec(part)?.groups ?? {};
    const value = actual[index];
    if (value === undefined) return undefined;
    if (name === undefined) {
      if (part !== value) return undefined;
      rank += RANK.exact;
    } else if (greedy === '+') {
      const rest = actual.slice(index).join('/');
      if (rest === '') return undefined;
      return { parameters: { ...parameters, [name]: rest }, rank: rank + RANK.greedy };
    } else {
      if (value === '') return undefined;
      parameters[name] = value;
      rank += RANK.parameter;
    }
  }
  return actual.length === pattern.length ? { parameters, rank } : undefined;
}
