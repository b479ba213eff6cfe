/** Runs many cases at once, but not all: each has a worker of its own and the machine few cores. */

/** The outcomes of `work` over `cases`, by case, `width` of them at a time. */
export async function runPooled<Case, Outcome>(
  cases: readonly Case[],
  width: number,
  work: (item: Case) => Promise<Outcome>,
): Promise<Map<Case, Outcome>> {
  const outcomes = new Map<Case, Outcome>();
  const waiting = [...cases];
  async function lane(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      outcomes.set(item, await work(item));
    }
  }
  await Promise.all(Array.from({ length: width }, lane));
  return outcomes;
}
