/** The authorizer in your own app: its function, its tables, and its issuers. */
import type { IdentityProvider } from './runtime/identity-provider.ts';
import { map, textMap, UnsupportedTemplateError } from './template/properties.ts';
import type { ResolvedTemplate } from './template/template.ts';

/** The authorizer function of your own app, found by the description that the construct sets. */
export function ownAuthorizer(template: ResolvedTemplate): string {
  const [found, ...others] = template
    .resourcesOfType('AWS::Lambda::Function')
    .filter(({ properties }) => String(properties['Description']).startsWith('Rollcall: '));
  if (found !== undefined && others.length === 0) return found.physicalId;
  throw new UnsupportedTemplateError(
    `Expected one authorizer of Rollcall in the stack, found ${others.length + (found ? 1 : 0)}`,
  );
}

/** The tables that the authorizer of your own app reads and that the app does not create. */
export function tableSettings(template: ResolvedTemplate): Record<string, string> {
  const { properties } = template
    .resourcesOfType('AWS::Lambda::Function')
    .find(({ physicalId }) => physicalId === ownAuthorizer(template)) ?? { properties: {} };
  const made = new Set(
    ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'].flatMap((type) =>
      template.resourcesOfType(type).map(({ physicalId }) => physicalId),
    ),
  );
  const variables = textMap(map(properties, 'Environment'), 'Variables');
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name, value]) => !name.endsWith('_TABLE_NAME') || !made.has(value),
    ),
  );
}

/** Settings that replace the trusted issuers of an app by the local identity provider. */
export function localTrust(
  { issuer, jwksUri }: IdentityProvider,
  audience: string,
): Record<string, string> {
  return {
    TRUSTED_ISSUERS: '',
    JWT_ISSUER: issuer,
    JWKS_URI: jwksUri,
    JWT_AUDIENCE: audience,
    JWT_CLIENT_ID: '',
    JWT_TOKEN_USE: '',
    PLATFORM_ADMIN_ISSUER: '',
    USER_CLAIM: 'email',
  };
}
