/** A deployment with its users: what every command on users begins with. */
import { createAuthor } from '../author.ts';
import { tableClients } from '../aws.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { refusal, type CliError } from '../errors.ts';
import type { CommandContext } from '../run.ts';
import { createUserStore, type UserStore } from './store.ts';

export interface OpenUsers {
  readonly deployment: Deployment;
  readonly store: UserStore;
}

/** @param options `many` for a command that sends many requests */
export async function openUsers(
  { where, output }: CommandContext,
  options: { readonly many?: boolean } = {},
): Promise<OpenUsers> {
  const deployment = await requireDeployment(where);
  const { documents } = await tableClients(options);
  const author = createAuthor((line) => output.note(line));
  return { deployment, store: createUserStore(documents, deployment.usersTable, author) };
}

export function missing(key: string): CliError {
  return refusal('user_missing', `${key} has no row`, 'Add it with users add, or check the id');
}
