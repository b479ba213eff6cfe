/**
 * Traffic through a gateway with a result cache, second by second: users by Zipf's law, each with
 * a token that is renewed when it expires, and environments that serve one request at a time and
 * are taken away when idle. Pure: the random numbers come as an argument.
 */
import { createZipf, exponential } from './random.ts';

export interface Traffic {
  /** Requests a second that reach the gateway with a token. */
  readonly requestsPerSecond: number;
  readonly users: number;
  /** Of Zipf's law; 0 is uniform. */
  readonly zipfExponent: number;
  readonly tokenLifetimeSeconds: number;
  /** Of the gateway's result cache; 0 is off. */
  readonly cacheTtlSeconds: number;
  readonly simulatedSeconds: number;
  /** Ignored at the beginning, while the cache and the environments fill. */
  readonly warmUpSeconds: number;
}

/** What one invocation takes. */
export interface Service {
  readonly warmMs: number;
  /** Init and first decision, in place of `warmMs`. */
  readonly coldMs: number;
  /** After which an idle environment is gone. Lambda promises nothing; minutes are usual. */
  readonly idleSeconds: number;
}

/** Counted after the warm-up. */
export interface Usage {
  readonly seconds: number;
  readonly requests: number;
  readonly invocations: number;
  readonly coldStarts: number;
  /** Billed: init and handler. */
  readonly milliseconds: number;
  readonly peakEnvironments: number;
  /** Invocations for the busiest user, by second, at most. */
  readonly hottestUserPerSecond: number;
}

export function simulate(traffic: Traffic, service: Service, random: () => number): Usage {
  const nextUser = createZipf(traffic.users, traffic.zipfExponent, random);
  const cache = createResultCache(traffic, random);
  const environments = createEnvironments(service);
  const hottest = createRateMeter();
  const usage = { requests: 0, invocations: 0, coldStarts: 0, milliseconds: 0 };
  let peakEnvironments = 0;
  const end = traffic.warmUpSeconds + traffic.simulatedSeconds;
  for (
    let now = exponential(traffic.requestsPerSecond, random);
    now < end;
    now += exponential(traffic.requestsPerSecond, random)
  ) {
    const counts = now >= traffic.warmUpSeconds;
    const user = nextUser();
    if (counts) usage.requests += 1;
    if (cache.answers(user, now)) continue;
    const { isCold, milliseconds } = environments.serve(now);
    if (!counts) continue;
    usage.invocations += 1;
    usage.coldStarts += isCold ? 1 : 0;
    usage.milliseconds += milliseconds;
    peakEnvironments = Math.max(peakEnvironments, environments.busy);
    if (user === 0) hottest.count(now);
  }
  return {
    ...usage,
    seconds: traffic.simulatedSeconds,
    peakEnvironments,
    hottestUserPerSecond: hottest.peak,
  };
}

/**
 * Results by token. A user's first token is somewhere in its life when the simulation begins, and
 * a new token is a new key of the cache.
 */
function createResultCache(
  { users, tokenLifetimeSeconds, cacheTtlSeconds }: Traffic,
  random: () => number,
): { answers(user: number, now: number): boolean } {
  const phase = Float64Array.from({ length: users }, () => random() * tokenLifetimeSeconds);
  const cachedUntil = new Float64Array(users);
  return {
    answers(user, now) {
      const sincePhase = now + (phase[user] ?? 0);
      const tokenBegan = now - (sincePhase % tokenLifetimeSeconds);
      const until = cachedUntil[user] ?? 0;
      // What was cached for the token before is under another key.
      if (now < until && until - cacheTtlSeconds >= tokenBegan) return true;
      cachedUntil[user] = now + cacheTtlSeconds;
      return false;
    },
  };
}

/** Environments, the one used last first, as Lambda does: the others may then grow idle. */
function createEnvironments({ warmMs, coldMs, idleSeconds }: Service) {
  // Times at which each is free. As all warm invocations take equally long, and so do all cold
  // ones, each queue is in order by itself.
  const busyWarm = createQueue();
  const busyCold = createQueue();
  const free = createQueue();
  return {
    get busy(): number {
      return busyWarm.length + busyCold.length;
    },
    serve(now: number): { readonly isCold: boolean; readonly milliseconds: number } {
      for (;;) {
        const next = busyWarm.first <= busyCold.first ? busyWarm : busyCold;
        if (next.first > now) break;
        free.push(next.shift());
      }
      while (free.first < now - idleSeconds) free.shift();
      const isCold = free.length === 0;
      if (!isCold) free.pop();
      // Lambda bills whole milliseconds.
      const milliseconds = Math.ceil(isCold ? coldMs : warmMs);
      (isCold ? busyCold : busyWarm).push(now + milliseconds / 1000);
      return { isCold, milliseconds };
    },
  };
}

/** Numbers that come in at the end and leave at either. */
function createQueue() {
  let items: number[] = [];
  let head = 0;
  return {
    get length(): number {
      return items.length - head;
    },
    /** Infinity when empty. */
    get first(): number {
      return items[head] ?? Infinity;
    },
    push(item: number): void {
      items.push(item);
    },
    pop(): void {
      items.pop();
    },
    shift(): number {
      const item = items[head] ?? Infinity;
      head += 1;
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
  };
}

/** The most events in any one second. */
function createRateMeter(): { readonly peak: number; count(now: number): void } {
  let second = -1;
  let events = 0;
  let peak = 0;
  return {
    get peak() {
      return peak;
    },
    count(now) {
      events = Math.floor(now) === second ? events + 1 : 1;
      second = Math.floor(now);
      peak = Math.max(peak, events);
    },
  };
}
