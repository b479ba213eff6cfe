import { buildAuthorizer } from '../../tools/build.ts';

/** The tests run against the bundle that deploys, so it is built from what stands here now. */
export default async function globalSetup(): Promise<void> {
  await buildAuthorizer();
}
