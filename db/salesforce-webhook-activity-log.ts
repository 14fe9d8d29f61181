import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

/** A row of `salesforce_webhook_activity_log`. */
export interface NewWebhookActivity {
  readonly workspaceId: string
  readonly userId: string | null
  /** `subscription.created`, `endpoint.failing` … */
  readonly activityType: string
  readonly objectType: string | null
  readonly details: Readonly<Record<string, unknown>>
}

export function createWebhookActivityLogQueries(connection: CommonQueryMethods) {
  return {
    /** In the transaction that does what it speaks of. */
    async append(activity: NewWebhookActivity): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_webhook_activity_log (workspace_id, user_id, activity_type, object_type, details)
        values (${activity.workspaceId}, ${activity.userId}, ${activity.activityType}, ${activity.objectType},
          ${sql.jsonb(activity.details as never)})`)
    },
  }
}
