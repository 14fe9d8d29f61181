import { z } from 'zod'
import { bulkVariables } from './schema/bulk.ts'
import { eventVariables } from './schema/events.ts'
import { mirrorVariables } from './schema/mirror.ts'
import { salesforceVariables } from './schema/salesforce.ts'
import { secretVariables } from './schema/secrets.ts'
import { serviceVariables } from './schema/service.ts'
import { storageVariables } from './schema/storage.ts'

/** Sections of the environment in the order of `.env.example`. */
export const ENVIRONMENT_SECTIONS = [
  { title: 'Salesforce', variables: salesforceVariables },
  { title: 'Webhooks and notices', variables: eventVariables },
  { title: 'Database and retention', variables: storageVariables },
  { title: 'Sealing and sessions', variables: secretVariables },
  { title: 'Bulk jobs', variables: bulkVariables },
  { title: 'Mirror', variables: mirrorVariables },
  { title: 'Service', variables: serviceVariables },
] as const

/** Every variable that Conveyor reads; others in the environment are left alone. */
export const environmentSchema = z.object({
  ...salesforceVariables,
  ...eventVariables,
  ...storageVariables,
  ...secretVariables,
  ...bulkVariables,
  ...mirrorVariables,
  ...serviceVariables,
})

/** The variables one by one, before they are checked against one another. */
export type EnvironmentValues = z.output<typeof environmentSchema>
