import { describe, expect, it } from '@jest/globals'
import { findExposures } from '../../../kit/terraform/exposure.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { fixturePlan } from '../../kit/terraform/fixture.ts'
import { findProtected } from '../../../kit/terraform/protection.ts'
import { parseProtectRules } from '../../../kit/terraform/protect-rules.ts'

type Values = Record<string, unknown> | null

/** What changing an object from one state to another opens; `?` before what may open. */
function opened(type: string, before: Values, after: Values, unknown: object = {}, expressions?: object): string[] {
  const actions = before === null ? ['create'] : after === null ? ['delete'] : ['update']
  const change = { actions, before, after, after_unknown: unknown }
  const plan = parsePlan(
    JSON.stringify({ resource_changes: [{ address: `${type}.x`, mode: 'managed', type, change }] }),
    'plan',
  )
  const found = findExposures(plan.changes[0]!, expressions === undefined ? undefined : (expressions as never))
  return found.map(({ what, certain }) => `${certain ? '' : '?'}${what}`)
}

const ingress = (...cidrs: string[]) => ({
  ...{ type: 'ingress', protocol: 'tcp', from_port: 443, to_port: 443, cidr_blocks: cidrs },
})
const statement = (change: object = {}) => ({
  ...{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*' },
  ...change,
})
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** Type, a state that is closed, a state that is open, and what the change from one to the other is said to open. */
const OPENS: readonly (readonly [string, Values, Values, string])[] = [
  ['aws_security_group', { ingress: [] }, { ingress: [ingress('0.0.0.0/0')] }, 'tcp 443 from 0.0.0.0/0'],
  ['aws_default_security_group', null, { ingress: [ingress('::/0')] }, 'tcp 443 from ::/0'],
  ['aws_security_group_rule', ingress('10.0.0.0/8'), ingress('10.0.0.0/8', '0.0.0.0/0'), 'tcp 443 from 0.0.0.0/0'],
  [
    'aws_vpc_security_group_ingress_rule',
    { ip_protocol: '-1', cidr_ipv6: null },
    { ip_protocol: '-1', cidr_ipv6: '::/0' },
    'every port from ::/0',
  ],
  [
    'aws_s3_bucket_public_access_block',
    { block_public_acls: true },
    { block_public_acls: false },
    'no longer block_public_acls',
  ],
  ['aws_s3_bucket_public_access_block', { block_public_acls: true }, null, 'no longer block_public_acls'],
  ['aws_s3_bucket_acl', { acl: 'private' }, { acl: 'public-read' }, 'a public access list'],
  ['aws_db_instance', { publicly_accessible: false }, { publicly_accessible: true }, 'publicly_accessible'],
  ['aws_lb', { internal: true }, { internal: false }, 'no longer internal'],
  [
    'aws_eks_cluster',
    { vpc_config: [{ endpoint_public_access: false, public_access_cidrs: ['0.0.0.0/0'] }] },
    { vpc_config: [{ endpoint_public_access: true, public_access_cidrs: ['0.0.0.0/0'] }] },
    'the API of Kubernetes from 0.0.0.0/0',
  ],
  [
    'aws_vpc_security_group_ingress_rule',
    { ip_protocol: 'tcp', from_port: 22, to_port: 22, cidr_ipv4: '10.0.0.0/8' },
    { ip_protocol: 'tcp', from_port: 22, to_port: 22, cidr_ipv4: '128.0.0.0/1' },
    'tcp 22 from 128.0.0.0/1',
  ],
  [
    'aws_vpc_security_group_ingress_rule',
    { ip_protocol: '-1', cidr_ipv6: 'fc00::/7' },
    { ip_protocol: '-1', cidr_ipv6: '2000::/3' },
    'every port from 2000::/3',
  ],
  [
    'aws_s3_access_point',
    { public_access_block_configuration: [{ block_public_policy: true }] },
    { public_access_block_configuration: [{ block_public_policy: false }] },
    'no longer block_public_policy',
  ],
  [
    'aws_s3_bucket',
    { grant: [] },
    { grant: [{ type: 'Group', uri: 'http://acs.amazonaws.com/groups/global/AllUsers' }] },
    'a grant to http://acs.amazonaws.com/groups/global/AllUsers',
  ],
  [
    'aws_ebs_snapshot_block_public_access',
    { state: 'block-all-sharing' },
    null,
    'no longer closed to public snapshots',
  ],
  ['aws_db_snapshot', { shared_accounts: ['1'] }, { shared_accounts: ['1', 'all'] }, 'a snapshot for everybody'],
  ['aws_lambda_layer_version_permission', null, { principal: '*' }, 'a layer that everybody may use'],
  ['aws_ssm_document', { permissions: {} }, { permissions: { account_ids: 'All' } }, 'a document for everybody'],
  [
    'aws_msk_cluster',
    { broker_node_group_info: [{ connectivity_info: [{ public_access: [{ type: 'DISABLED' }] }] }] },
    { broker_node_group_info: [{ connectivity_info: [{ public_access: [{ type: 'SERVICE_PROVIDED_EIPS' }] }] }] },
    'brokers with public addresses',
  ],
  [
    'google_sql_database_instance',
    { settings: [{ ip_configuration: [{ ipv4_enabled: false }] }] },
    { settings: [{ ip_configuration: [{ ipv4_enabled: true }] }] },
    'no longer without a public address',
  ],
  ['aws_lambda_function_url', null, { authorization_type: 'NONE' }, 'a URL without sign-in'],
  ['aws_lambda_permission', null, { principal: '*' }, 'a function that everybody may call'],
  ['aws_ami_launch_permission', null, { group: 'all' }, 'an image for everybody'],
  ['aws_s3_bucket_policy', { policy: policy() }, { policy: policy(statement()) }, 'allows everybody: {'],
  [
    'aws_sns_topic_policy',
    null,
    { policy: policy(statement({ Principal: { AWS: ['a', '*'] } })) },
    'allows everybody: {',
  ],
  [
    'aws_iam_policy',
    { policy: policy(statement({ Principal: undefined })) },
    { policy: policy({ Effect: 'Allow', Action: '*', Resource: ['*'] }) },
    'allows everything: {',
  ],
  [
    'aws_iam_policy',
    { policy: policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn:aws:s3:::a' }) },
    { policy: policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }) },
    'allows everything: {',
  ],
  [
    'aws_iam_role',
    null,
    { assume_role_policy: policy(statement({ NotPrincipal: {}, Principal: undefined })) },
    'allows everybody',
  ],
  ['aws_opensearch_domain', null, { access_policies: policy(statement()) }, 'allows everybody: {'],
  [
    'azurerm_network_security_rule',
    { direction: 'Inbound', access: 'Deny', source_address_prefix: '*' },
    { direction: 'Inbound', access: 'Allow', source_address_prefix: '*', destination_port_range: '22' },
    'port 22 from *',
  ],
  [
    'azurerm_network_security_group',
    { security_rule: [] },
    { security_rule: [{ direction: 'Inbound', access: 'Allow', source_address_prefixes: ['Internet'] }] },
    'port * from Internet',
  ],
  [
    'azurerm_storage_account',
    { allow_nested_items_to_be_public: false },
    { allow_nested_items_to_be_public: true },
    'containers that may be public',
  ],
  [
    'azurerm_storage_account',
    { network_rules: [{ default_action: 'Deny' }] },
    { network_rules: [{ default_action: 'Allow' }] },
    'no longer closed to other networks (default_action)',
  ],
  ['azurerm_storage_container', null, { container_access_type: 'blob' }, 'a container that everybody may read'],
  [
    'azurerm_key_vault',
    { public_network_access_enabled: false },
    { public_network_access_enabled: true },
    'no longer closed to the public network',
  ],
  [
    'azurerm_postgresql_flexible_server_firewall_rule',
    null,
    { start_ip_address: '0.0.0.0', end_ip_address: '255.255.255.255' },
    'every address from 0.0.0.0 to 255.255.255.255',
  ],
  [
    'google_compute_firewall',
    { direction: 'INGRESS', source_ranges: ['10.0.0.0/8'], allow: [{ protocol: 'tcp', ports: ['22'] }] },
    { direction: 'INGRESS', source_ranges: ['0.0.0.0/0'], allow: [{ protocol: 'tcp', ports: ['22'] }] },
    'tcp 22 from 0.0.0.0/0',
  ],
  [
    'google_storage_bucket_iam_member',
    null,
    { role: 'roles/storage.objectViewer', member: 'allUsers' },
    'roles/storage.objectViewer for allUsers',
  ],
  [
    'google_cloud_run_service_iam_binding',
    { role: 'roles/run.invoker', members: [] },
    { role: 'roles/run.invoker', members: ['allUsers'] },
    'roles/run.invoker for allUsers',
  ],
  [
    'google_project_iam_policy',
    null,
    { policy_data: JSON.stringify({ bindings: [{ role: 'roles/viewer', members: ['allAuthenticatedUsers'] }] }) },
    'roles/viewer for allAuthenticatedUsers',
  ],
  ['google_storage_bucket_access_control', null, { entity: 'allUsers' }, 'objects that everybody may read'],
  [
    'google_storage_bucket',
    { public_access_prevention: 'enforced' },
    { public_access_prevention: 'inherited' },
    'no longer closed to the public (public_access_prevention)',
  ],
  [
    'google_sql_database_instance',
    null,
    { settings: [{ ip_configuration: [{ authorized_networks: [{ value: '0.0.0.0/0' }] }] }] },
    'the database from 0.0.0.0/0',
  ],
  [
    'google_container_cluster',
    null,
    { master_authorized_networks_config: [{ cidr_blocks: [{ cidr_block: '0.0.0.0/0' }] }] },
    'the API of Kubernetes from 0.0.0.0/0',
  ],
  [
    'google_bigquery_dataset_access',
    null,
    { special_group: 'allAuthenticatedUsers' },
    'a dataset that everybody may read',
  ],
  [
    'hcloud_firewall',
    null,
    { rule: [{ direction: 'in', protocol: 'tcp', port: '22', source_ips: ['10.0.0.0/8', '::/0'] }] },
    'tcp 22 from ::/0',
  ],
  [
    'digitalocean_firewall',
    null,
    { inbound_rule: [{ protocol: 'tcp', port_range: '22', source_addresses: ['0.0.0.0/0'] }] },
    'tcp 22 from 0.0.0.0/0',
  ],
  ['digitalocean_spaces_bucket', null, { acl: 'public-read' }, 'a public access list'],
  ['kubernetes_service_v1', { spec: [{ type: 'ClusterIP' }] }, { spec: [{ type: 'LoadBalancer' }] }, 'a load balancer'],
  [
    'kubernetes_cluster_role_binding',
    null,
    { subject: [{ kind: 'User', name: 'system:anonymous' }] },
    'rights without sign-in',
  ],
]

describe('what opens something to the public', () => {
  it.each(OPENS)('%s from %j to %j', (type, before, after, what) => {
    expect(opened(type, before, after)).toEqual([expect.stringContaining(what)])
  })

  it.each(OPENS)('%s that is open already, or is closed again: %j, %j', (type, before, after) => {
    if (after !== null) expect(opened(type, after, after)).toEqual([])
    if (before !== null && after !== null) expect(opened(type, after, before)).toEqual([])
  })
})

describe('what opens nothing', () => {
  it.each<readonly [string, Values, Values]>([
    ['aws_security_group_rule', null, { ...ingress('0.0.0.0/0'), type: 'egress' }],
    ['aws_security_group', null, { egress: [ingress('0.0.0.0/0')] }],
    ['aws_s3_bucket_public_access_block', null, { block_public_acls: false }],
    ['aws_lb', null, { internal: false }],
    ['aws_lb', { internal: true }, null],
    ['aws_iam_policy', null, { policy: policy(statement({ Effect: 'Deny' })) }],
    ['aws_iam_policy', null, { policy: policy(statement({ Principal: { Service: 'ec2.amazonaws.com' } })) }],
    ['google_compute_firewall', null, { direction: 'EGRESS', source_ranges: ['0.0.0.0/0'], allow: [{}] }],
    ['google_compute_firewall', null, { source_ranges: ['0.0.0.0/0'], deny: [{ protocol: 'tcp' }], allow: [] }],
    ['google_compute_firewall', null, { disabled: true, source_ranges: ['0.0.0.0/0'], allow: [{}] }],
    ['azurerm_network_security_rule', null, { direction: 'Outbound', access: 'Allow', source_address_prefix: '*' }],
    ['azurerm_mssql_firewall_rule', null, { start_ip_address: '0.0.0.0', end_ip_address: '0.0.0.0' }],
    ['terraform_data', null, { input: { cidr_blocks: ['0.0.0.0/0'] } }],
  ])('%s from %j to %j', (type, before, after) => expect(opened(type, before, after)).toEqual([]))
})

describe('what is known after apply', () => {
  it('may open, where the configuration says that it is not the default of a provider', () => {
    const unknown = { policy: true }
    expect(opened('aws_s3_bucket_policy', null, {}, unknown, { policy: { references: ['x'] } })).toEqual([
      '?policy that is known after apply',
    ])
    expect(opened('aws_s3_bucket', null, {}, unknown, { bucket: {} })).toEqual([])
  })

  it('may open one of several addresses, and hides none that is certain', () => {
    const after = { ...ingress('0.0.0.0/0'), cidr_blocks: [null, '0.0.0.0/0'] }
    expect(opened('aws_security_group_rule', null, after, { cidr_blocks: [true, false] })).toEqual([
      '?tcp 443 from addresses that are known after apply',
      'tcp 443 from 0.0.0.0/0',
    ])
  })

  it('may lose what kept it closed', () => {
    expect(opened('aws_lb', { internal: true }, {}, { internal: true })).toEqual(['?no longer internal'])
  })

  it('may open by a policy with a condition, or by one that nobody can read', () => {
    expect(opened('aws_s3_bucket_policy', null, { policy: policy(statement({ Condition: {} })) })).toEqual([
      expect.stringMatching(/^\?allows everybody/),
    ])
    expect(opened('aws_s3_bucket_policy', null, { policy: 'not json' })).toEqual(['?a policy that is no JSON'])
  })

  it('is told and not protected, unless a rule says so', () => {
    const change = { actions: ['create'], before: null, after: {}, after_unknown: { policy: true } }
    const entry = { address: 'aws_iam_policy.x', mode: 'managed', type: 'aws_iam_policy', change }
    const plan = parsePlan(JSON.stringify({ resource_changes: [entry] }), 'plan')
    const by = (rules: string) => {
      const { changes, mayExpose } = findProtected(plan, parseProtectRules(rules, 'f'))
      return [changes.length, mayExpose.length]
    }
    expect([by(''), by('protect * on may-expose'), by('allow aws_iam_policy')]).toEqual([
      [0, 1],
      [1, 0],
      [0, 0],
    ])
  })
})

it('tells nothing of a policy that is sensitive, and still knows when it opens more', () => {
  const exposed = (before: string, after: string) => {
    const change = { actions: ['update'], before: { policy: before }, after: { policy: after } }
    const marks = { before_sensitive: { policy: true }, after_sensitive: { policy: true } }
    const entry = { address: 'a.x', mode: 'managed', type: 'aws_sqs_queue', change: { ...change, ...marks } }
    const plan = parsePlan(JSON.stringify({ resource_changes: [entry] }), 'plan')
    return findExposures(plan.changes[0]!, undefined)
  }
  const [one, other] = [policy(statement()), policy(statement(), statement({ Action: 's3:PutObject' }))]
  expect(exposed(one, one)).toEqual([])
  expect(exposed(one, other)).toEqual([{ what: 'a policy that is sensitive', certain: true }])
})

it('reads a group of rules as real Terraform writes it', () => {
  expect(findProtected(fixturePlan('aws-create'), []).changes).toEqual([
    { address: 'aws_security_group.web', deposed: undefined, event: 'expose', why: 'tcp 443 from 0.0.0.0/0' },
  ])
})
