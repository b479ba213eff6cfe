/** Facts about `arn.ts` that changes to it once got past the tests with. */
import { parseStageArn } from '../../../lambda/request/arn.ts';

it('takes no ARN from a list that would turn into one', () => {
  const arn = 'arn:aws:execute-api:eu-central-1:111122223333:abc123/prod/GET/a';
  expect(parseStageArn([arn])).toBeUndefined();
  expect(parseStageArn({ toString: () => arn })).toBeUndefined();
});
