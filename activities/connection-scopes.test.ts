import { expect, test } from 'vitest'
import { requireScopes } from './connection-scopes.ts'

test.each([
  ['web_server', 'api refresh_token', true],
  ['web_server', 'full refresh_token', true],
  ['client_credentials', 'api', false],
  ['jwt_bearer', 'id api web', false],
  // Salesforce does not always say.
  ['jwt_bearer', null, false],
] as const)('%s with %s is enough', (flow, scope, hasRefreshToken) => {
  expect(() => requireScopes(flow, scope, hasRefreshToken)).not.toThrow()
})

test.each([
  ['web_server', 'api', false, /lacks refresh_token\. Select Perform requests at any time/],
  ['web_server', 'id', false, /lacks api and refresh_token/],
  ['client_credentials', 'id', false, /lacks api\. Select Manage user data/],
  ['web_server', '', true, /granted no scope/],
] as const)('%s with "%s" is refused with the remedy', (flow, scope, hasRefreshToken, message) => {
  expect(() => requireScopes(flow, scope, hasRefreshToken)).toThrow(message)
})
