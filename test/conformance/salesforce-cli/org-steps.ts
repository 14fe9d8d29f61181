import assert from 'node:assert/strict'
import { z } from 'zod'
import type { Step } from '../run-steps.ts'
import { ORG_ALIAS, type SalesforceCli } from './salesforce-cli.ts'

const orgFields = z.looseObject({
  id: z.string(),
  username: z.string(),
  instanceUrl: z.string(),
  connectedStatus: z.string(),
  apiVersion: z.string(),
})
const describeResult = z.looseObject({
  name: z.string(),
  fields: z.array(z.looseObject({ name: z.string(), type: z.string() })),
})
const limitList = z.array(
  z.looseObject({ name: z.string(), max: z.number(), remaining: z.number() }),
)

/** Login, the org itself, and what it describes. The login comes first: all other commands need it. */
export function orgSteps(url: string): Step<SalesforceCli>[] {
  return [
    {
      suite: 'org login access-token',
      name: 'logs in and names the user',
      async run(cli) {
        const login = ['org', 'login', 'access-token', '--no-prompt', '--set-default']
        const fields = await cli.json(z.looseObject({ username: z.string(), orgId: z.string() }), [
          ...login,
          '--instance-url',
          url,
          '--alias',
          ORG_ALIAS,
        ])
        assert.match(fields.orgId, /^00D\w{15}$/)
        assert.match(fields.username, /@/)
      },
    },
    {
      suite: 'org display',
      name: 'shows a connected org',
      async run(cli) {
        const fields = await cli.json(orgFields, ['org', 'display', '-o', ORG_ALIAS])
        assert.equal(fields.instanceUrl.replace(/\/$/, ''), url)
        assert.equal(fields.connectedStatus, 'Connected')
      },
    },
    {
      suite: 'org display',
      name: 'prints it',
      async run(cli) {
        assert.match(await cli.text(['org', 'display', '-o', ORG_ALIAS]), /Instance Url/)
      },
    },
    {
      suite: 'org list limits',
      name: 'lists the limits',
      async run(cli) {
        const limits = await cli.json(limitList, ['org', 'list', 'limits', '-o', ORG_ALIAS])
        const requests = limits.find(({ name }) => name === 'DailyApiRequests')
        assert.ok(requests !== undefined && requests.remaining <= requests.max)
      },
    },
    {
      suite: 'sobject list',
      name: 'lists all, standard and custom objects',
      async run(cli) {
        const list = (category: string): Promise<string[]> =>
          cli.json(z.array(z.string()), ['sobject', 'list', '-o', ORG_ALIAS, '-s', category])
        const all = await list('all')
        assert.ok(all.includes('Account') && all.includes('BigTable__c'))
        const custom = await list('custom')
        assert.ok(custom.includes('BigTable__c') && !custom.includes('Account'))
        const standard = await list('standard')
        assert.ok(standard.includes('Account') && !standard.includes('BigTable__c'))
      },
    },
    {
      suite: 'sobject describe',
      name: 'describes a standard object',
      async run(cli) {
        const account = await cli.json(describeResult, ['sobject', 'describe', '-s', 'Account'])
        assert.equal(account.name, 'Account')
        assert.ok(account.fields.some(({ name, type }) => name === 'Id' && type === 'id'))
      },
    },
    {
      suite: 'sobject describe',
      name: 'describes a custom object',
      async run(cli) {
        const table = await cli.json(describeResult, [
          'sobject',
          'describe',
          '-s',
          'UpsertTable__c',
        ])
        assert.ok(table.fields.some(({ name }) => name === 'ExtId__c'))
      },
    },
    {
      suite: 'sobject describe',
      name: 'says that an object is not there',
      async run(cli) {
        const failure = await cli.failure(['sobject', 'describe', '-s', 'Nothing__c'])
        assert.equal(failure.name, 'NOT_FOUND')
        assert.match(failure.message, /requested resource does not exist/i)
      },
    },
  ]
}
