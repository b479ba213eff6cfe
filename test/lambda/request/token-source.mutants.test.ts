/** Facts about `token-source.ts` that changes to it once got past the tests with. */
import { headerToken } from '../../../lambda/request/token-source.ts';

it('counts a value of the multi-value map that is no list', () => {
  const multiValueHeaders = { Authorization: 'Bearer a.b.c' };
  expect(headerToken({ multiValueHeaders })).toEqual({ status: 'present', token: 'a.b.c' });
  expect(headerToken({ multiValueHeaders, headers: { Authorization: 'Bearer d.e.f' } })).toEqual({
    status: 'malformed',
  });
});
