import assert from 'node:assert/strict'
import { z } from 'zod'
import type { Step } from '../run-steps.ts'
import type { SalesforceCli } from './salesforce-cli.ts'

const saved = z.looseObject({ id: z.string(), success: z.boolean() })
const account = z.looseObject({ Id: z.string(), Name: z.string(), Phone: z.string().nullable() })

/** Single records. */
export function recordSteps(): Step<SalesforceCli>[] {
  let id = ''
  return [
    {
      suite: 'data create record',
      name: 'creates a record',
      async run(cli) {
        const made = await cli.json(saved, [
          ...['data', 'create', 'record', '-s', 'Account'],
          ...['-v', "Name='Command Line' Phone=555-0199"],
        ])
        assert.ok(made.success)
        id = made.id
      },
    },
    {
      suite: 'data create record',
      name: 'says which field is missing',
      async run(cli) {
        const failure = await cli.failure([
          'data',
          'create',
          'record',
          '-s',
          'Account',
          '-v',
          'Phone=1',
        ])
        assert.equal(failure.name, 'REQUIRED_FIELD_MISSING')
      },
    },
    {
      suite: 'data get record',
      name: 'reads it by id',
      async run(cli) {
        const found = await cli.json(account, ['data', 'get', 'record', '-s', 'Account', '-i', id])
        assert.equal(found.Name, 'Command Line')
      },
    },
    {
      suite: 'data update record',
      name: 'changes it, found by its values',
      async run(cli) {
        const change = ['data', 'update', 'record', '-s', 'Account', '-v', 'Phone=555-0200']
        await cli.json(saved, [...change, '-w', "Name='Command Line'"])
        const found = await cli.json(account, ['data', 'get', 'record', '-s', 'Account', '-i', id])
        assert.equal(found.Phone, '555-0200')
      },
    },
    {
      suite: 'data delete record',
      name: 'deletes it',
      async run(cli) {
        await cli.json(saved, ['data', 'delete', 'record', '-s', 'Account', '-i', id])
        const failure = await cli.failure(['data', 'get', 'record', '-s', 'Account', '-i', id])
        assert.equal(failure.name, 'ENTITY_IS_DELETED')
      },
    },
  ]
}
