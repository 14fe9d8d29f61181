// Stands in for jsforce's test/bulk.test.ts where its other test files import `insertAccounts`
// from it. The original inserts by Bulk API 1.0 and registers all of its own cases in the file
// that imports it; this one inserts the same records by Bulk API 2.0 and registers nothing.

const { Connection } = require('jsforce')

async function insertAccounts(id, count = 20) {
  const connection = new Connection({
    instanceUrl: process.env.SF_LOGIN_URL,
    accessToken: process.env.SF_ACCESS_TOKEN,
  })
  connection.bulk2.pollTimeout = 90_000
  const { successfulResults } = await connection.bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'insert',
    input: Array.from({ length: count }, (_, n) => ({ Name: `Bulk Account ${id} #${n + 1}` })),
  })
  if (successfulResults.length !== count) throw new Error('not all accounts were inserted')
}

module.exports = { insertAccounts }
