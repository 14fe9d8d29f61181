import { ADMIN, ORG_CREATED, USER_ID, USERNAME } from '../org.ts'
import type { Schema } from '../schema/schema.ts'
import type { RecordStore } from './record-store.ts'

/** Makes the org's only user, whom all records belong to. Must run inside a transaction. */
export function seedUser(schema: Schema, store: RecordStore): void {
  const user = schema.object('User')
  if (user === null) throw new Error('the schema has no User')
  if (store.get(user, USER_ID) !== null) return
  store.restore(
    user,
    {
      Username: USERNAME,
      FirstName: 'Simulator',
      LastName: 'Admin',
      Name: 'Simulator Admin',
      Email: USERNAME,
      Alias: 'admin',
      IsActive: true,
      TimeZoneSidKey: 'GMT',
      LocaleSidKey: 'en_US',
    },
    ADMIN,
    { at: ORG_CREATED, by: ADMIN },
  )
}
