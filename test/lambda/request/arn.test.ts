import { parseStageArn } from '../../../lambda/request/arn.ts';

const STAGE = 'arn:aws:execute-api:eu-central-1:111122223333:abc123/prod';

it.each([
  ['a route', `${STAGE}/GET/orders`],
  ['the root', `${STAGE}/GET/`],
  ['a path with colons', `${STAGE}/GET/a:b:c/d`],
  ['a path with wildcards', `${STAGE}/GET/*/?`],
  ['a path with a line break', `${STAGE}/GET/a\nb`],
  ['a path like another ARN', `${STAGE}/GET/arn:aws:execute-api:x:y:z/other/*`],
  ['a WebSocket route', `${STAGE}/$connect`],
])('makes the whole stage of the ARN of %s', (_, arn) => {
  expect(parseStageArn(arn)).toEqual({ apiId: 'abc123', resource: `${STAGE}/*` });
});

it.each(['aws-cn', 'aws-us-gov', 'aws-iso', 'aws-eusc'])('keeps the partition %s', (partition) => {
  const prefix = `arn:${partition}:execute-api:cn-north-1:111122223333:abc123/prod`;
  expect(parseStageArn(`${prefix}/GET/a`)?.resource).toBe(`${prefix}/*`);
});

it('keeps the $default stage', () => {
  const prefix = 'arn:aws:execute-api:eu-central-1:111122223333:abc123/$default';
  expect(parseStageArn(`${prefix}/GET/a`)?.resource).toBe(`${prefix}/*`);
});

it.each([
  ['no text', 42],
  ['nothing', undefined],
  ['a list that would turn into one', [`${STAGE}/GET/a`]],
  ['an object that would turn into one', { toString: () => `${STAGE}/GET/a` }],
  ['an empty text', ''],
  ['an ARN of another service', 'arn:aws:lambda:eu-central-1:111122223333:abc123/prod/GET/a'],
  ['an ARN without a stage', 'arn:aws:execute-api:eu-central-1:111122223333:abc123'],
  ['an ARN without a route', STAGE],
  ['an ARN that ends at the stage', `${STAGE}/`],
  ['a wildcard as the API', 'arn:aws:execute-api:eu-central-1:111122223333:*/prod/GET/a'],
  ['a wildcard as the stage', 'arn:aws:execute-api:eu-central-1:111122223333:abc123/*/GET/a'],
  ['a wildcard as the account', 'arn:aws:execute-api:eu-central-1:*:abc123/prod/GET/a'],
  ['a wildcard in the region', 'arn:aws:execute-api:eu-*:111122223333:abc123/prod/GET/a'],
  ['an ARN with something before it', ` ${STAGE}/GET/a`],
])('takes no ARN from %s', (_, arn) => {
  expect(parseStageArn(arn)).toBeUndefined();
});
