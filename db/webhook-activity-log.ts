import { type CommonQueryMethods, sql } from 'slonik'
import { row } from './row-type.ts'

export interface NewActivity {
  readonly workspaceId: string
  readonly userId: string | null
  /** `subject.verb`, such as `channel.disabled`. */
  readonly activityType: string
  readonly objectType: string | null
  readonly details: Readonly<Record<string, string | number | boolean | null>>
}

/** `salesforce_webhook_activity_log`: what happened to subscriptions, endpoints and channels. */
export function createWebhookActivityLogQueries(connection: CommonQueryMethods) {
  return {
    async append(activity: NewActivity): Promise<void> {
      await connection.query(sql.type(row<never>())`
        insert into salesforce_webhook_activity_log (workspace_id, user_id, activity_type, object_type, details)
        values (${activity.workspaceId}, ${activity.userId}, ${activity.activityType},
          ${activity.objectType}, ${sql.jsonb({ ...activity.details })})`)
    },
  }
}
