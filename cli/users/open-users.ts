/** A deployment with its users: what every command on users begins with. */
import { tableClients } from '../aws.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { refusal, type CliError } from '../errors.ts';
import type { CommandContext } from '../run.ts';
import { createUserStore, type UserStore } from './store.ts';

export interface OpenUsers {
  readonly deployment: Deployment;
  readonly store: UserStore;
}

export async function openUsers({ where }: CommandContext): Promise<OpenUsers> {
  const deployment = await requireDeployment(where);
  const { documents } = await tableClients();
  return { deployment, store: createUserStore(documents, deployment.usersTable) };
}

export function missing(key: string): CliError {
  return refusal('user_missing', `${key} has no row`, 'Add it with users add, or check the id');
}
