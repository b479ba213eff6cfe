/** Many requests at once in one environment: every caller gets the answer to their own request. */
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { TestIssuer } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';

const USERS = 60;

interface Policy {
  readonly principalId: string;
  readonly policyDocument: { readonly Statement: readonly { readonly Effect: string }[] };
}

/** Every third user is disabled, so that an answer to somebody else shows by its effect as well. */
const isActive = (index: number): boolean => index % 3 !== 0;

it('answers sixty users at once, each with the decision about themselves', async () => {
  const [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  const authorizer = await Authorizer.start({ ...issuer.settings, ...tables.settings });
  try {
    const names = Array.from({ length: USERS }, (_, index) => `user-${index}`);
    await Promise.all(
      names.map((name, index) => tables.putUser(name, { is_active: isActive(index) })),
    );
    const results = await Promise.all(
      names.map((sub) =>
        authorizer.invoke(eventOf('rest-token', `Bearer ${issuer.token({ sub })}`)),
      ),
    );
    const answers = results.map((result) => {
      if (!result.ok) return result;
      const { principalId, policyDocument } = result.value as Policy;
      return { principalId, effect: policyDocument.Statement[0]?.Effect };
    });
    expect(answers).toEqual(
      names.map((name, index) => ({
        principalId: name,
        effect: isActive(index) ? 'Allow' : 'Deny',
      })),
    );
  } finally {
    await Promise.all([authorizer.close(), issuer.close(), tables.close()]);
  }
});
