import type { RecordFacts } from '../actions/terraform-plan/src/record.ts'
import { planRecord } from '../actions/terraform-plan/src/record.ts'
import { createHider } from '../kit/terraform/hide.ts'
import { countChanges, type Plan } from '../kit/terraform/plan.ts'
import { create, planOf, replace, update, type Sample } from './sample-plans.ts'

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const
const COMMIT = ['4be1c07f9d2a', '0a3087a5c1b2'].map(CommitSha => ({ tags: { CommitSha, Team: 'shop' } })) as [
  object,
  object,
]

/** Twelve roots: four parts of a system in three environments, of which one replaces its database. */
export function sampleRoots(): readonly string[] {
  return ENVIRONMENTS.flatMap(environment => [
    recordOf(`infra/${environment}/app`, planOf(app(environment))),
    recordOf(`infra/${environment}/database`, planOf(environment === 'prod' ? database() : [])),
    recordOf(`infra/${environment}/dns`, planOf([])),
    recordOf(`infra/${environment}/network`, planOf(environment === 'dev' ? [] : network(environment))),
  ])
}

function app(environment: string): Sample[] {
  const [before, after] = COMMIT
  return [
    ...Array.from({ length: 8 }, (_, index) => update(`aws_ecs_service.api[${index}]`, { ...before }, { ...after })),
    update('aws_lb.front', { idle_timeout: 60 }, { idle_timeout: 120 }),
    ...['cpu', 'memory', 'errors'].map(what =>
      create(`aws_cloudwatch_metric_alarm.api["${what}"]`, { namespace: 'shop', threshold: 80 }),
    ),
    update(
      'aws_autoscaling_group.workers',
      { max_size: environment === 'prod' ? 12 : 3 },
      { max_size: environment === 'prod' ? 20 : 4 },
    ),
  ]
}

function network(environment: string): Sample[] {
  const octet = environment === 'prod' ? 30 : 20
  return ['a', 'b'].map(zone =>
    create(`aws_subnet.cache["${zone}"]`, {
      availability_zone: `eu-central-1${zone}`,
      cidr_block: `10.${octet}.${zone === 'a' ? 1 : 2}.0/24`,
    }),
  )
}

function database(): Sample[] {
  return [replace('aws_db_instance.reports', 'identifier', 'reports', 'reporting')]
}

function recordOf(root: string, planned: Plan): string {
  const { plan, hide, shortValues } = createHider(planned, [])
  const facts: RecordFacts = {
    ...{ root, workspace: 'default', repositoryId: 7, pullRequest: 42, headSha: 'a1b2c3d4e5' },
    ...{ runId: 99, runAttempt: 1, key: '', extent: { targets: [], destroy: false, 'pre-run': '' } },
    ...{ contract: '4f2a91c07be31d55'.repeat(4), keyed: true, ignorePaths: [], contractParts: [] },
    ...{ counts: countChanges(plan), verdict: 'pass', binary: 'terraform', warnings: 0, shortValues },
    ...{ delta: undefined, protection: undefined, policies: undefined },
  }
  return planRecord(plan, facts, hide)
}
