/** Tests made from tables: every attack fails for its reason, every control enters. */
import { ALLOWED, decided, matrix, reasonOf, type Arenas, type Attack } from './arena.ts';

/** Registers, for every kind and mode, a test that sends each of `attacks` and expects its reason. */
export function itRefuses(arenas: Arenas, attacks: readonly Attack[]): void {
  it.each(matrix(attacks))('refuses %s (%s, %s)', async (_name, kind, mode, attack) => {
    const seen = await arenas.sendHeader(mode, kind, `Bearer ${attack.token(arenas.of(mode))}`);
    expect(seen).toEqual(decided(reasonOf(attack, mode), kind));
  });
}

/** Registers, for every kind and mode, a test that each of `controls` enters. */
export function itAllows(
  arenas: Arenas,
  controls: readonly Pick<Attack, 'name' | 'token'>[],
): void {
  it.each(matrix(controls))('allows %s (%s, %s)', async (_name, kind, mode, control) => {
    const seen = await arenas.sendHeader(mode, kind, `Bearer ${control.token(arenas.of(mode))}`);
    expect(seen).toEqual(decided(ALLOWED[mode], kind));
  });
}
