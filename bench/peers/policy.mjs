/** The answer that every peer gives. */

export const allow = (principalId, resource) => policy(principalId, 'Allow', resource);
export const deny = (principalId, resource) => policy(principalId, 'Deny', resource);

function policy(principalId, effect, resource) {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
    },
  };
}
