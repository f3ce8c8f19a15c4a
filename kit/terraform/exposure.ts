import { isList, isObject, member, element, writeJson, type Json } from './json.ts'
import { policyOpenings } from './policy-document.ts'
import type { ResourceChange } from './plan.ts'

/** Something that a change lets everybody reach. */
export interface Exposure {
  /** What is reached and by whom; of the configuration, so untrusted text. */
  readonly what: string
  /** False when the value is only known after apply: it may open, or not. */
  readonly certain: boolean
  /** `what` tells of a value that is marked as sensitive. */
  readonly isSensitive?: boolean
}

/** A value of a plan with the marks of what is unknown and what is sensitive in it. */
interface View {
  readonly value: Json | undefined
  readonly unknown: Json | undefined
  readonly sensitive: Json | undefined
}

type Find = (object: View) => Iterable<Exposure>

interface Rule {
  readonly types: RegExp
  /** What is open in a state. What is open after and was not before is an exposure. */
  readonly opens?: Find
  /** What keeps a state closed. What did so before and no longer does is an exposure; a new object loses nothing. */
  readonly closes?: Find
  /** The object is nothing but such a guard of another one, so that it is lost with the object too. */
  readonly isGuard?: true
}

/**
 * What a change opens to the public: attributes that say who gets in. A new object counts where being public is not the
 * ordinary case of its type; elsewhere only what was closed and is opened.
 * @param expressions the object's own in the configuration; a value that is unknown and not configured is the provider's
 * default and opens nothing. `undefined` when the plan has no configuration: then every unknown value may open
 */
export function findExposures(change: ResourceChange, expressions: Json | undefined): readonly Exposure[] {
  if (change.mode !== 'managed' || change.kind === 'no-op' || change.kind === 'forget') return []
  const before = { value: change.before, unknown: false, sensitive: change.beforeSensitive }
  const unknown = configured(change.afterUnknown, expressions)
  const after = { value: change.after, unknown, sensitive: change.afterSensitive }
  const found: Exposure[] = []
  for (const { opens, closes, isGuard } of rulesOf(change.type)) {
    if (opens !== undefined) found.push(...missing(opens(after), opens(before)))
    if (closes !== undefined && (change.kind !== 'delete' || isGuard))
      found.push(...lost(closes(before), closes(after)))
  }
  return found.map(withoutSecret)
}

const rulesByType = new Map<string, readonly Rule[]>()

/** A large plan has the same few types over and over. */
function rulesOf(type: string): readonly Rule[] {
  const known = rulesByType.get(type) ?? RULES.filter(({ types }) => types.test(type))
  rulesByType.set(type, known)
  return known
}

/** What a policy says was compared; it is not told. */
function withoutSecret({ what, certain, isSensitive }: Exposure): Exposure {
  return { what: isSensitive ? 'a policy that is sensitive' : what, certain }
}

function configured(unknown: Json, expressions: Json | undefined): Json {
  if (!isObject(unknown) || expressions === undefined) return unknown
  return Object.fromEntries(Object.entries(unknown).filter(([name]) => member(expressions, name) !== undefined))
}

function missing(wanted: Iterable<Exposure>, known: Iterable<Exposure>): Exposure[] {
  const there = new Set([...known].map(({ what }) => what))
  return [...wanted].filter(({ what }) => !there.has(what))
}

/** A guard whose value is only known after apply may be lost. */
function lost(before: Iterable<Exposure>, after: Iterable<Exposure>): Exposure[] {
  const standing = new Map([...after].map(one => [one.what, one.certain]))
  return [...before]
    .filter(({ what }) => standing.get(what) !== true)
    .map(({ what }) => ({ what: `no longer ${what}`, certain: standing.get(what) === undefined }))
}

function at(object: View, ...steps: readonly (string | number)[]): View {
  return steps.reduce<View>(
    ({ value, unknown, sensitive }, step) => ({
      value: inside(value, step),
      unknown: unknown === true ? true : inside(unknown, step),
      sensitive: sensitive === true ? true : inside(sensitive, step),
    }),
    object,
  )
}

function inside(value: Json | undefined, step: string | number): Json | undefined {
  return typeof step === 'number' ? element(value, step) : member(value, step)
}

/** Elements of a list, or the one object that a provider writes without a list. */
function elements(list: View): View[] {
  if (isObject(list.value)) return [list]
  const length = Math.max(isList(list.value) ? list.value.length : 0, isList(list.unknown) ? list.unknown.length : 0)
  return Array.from({ length }, (_, index) => at(list, index))
}

const isUnknown = ({ unknown }: View) => unknown === true

const PUBLIC: ReadonlySet<Json> = new Set(['0.0.0.0', '*', 'any', 'internet'])

/** Larger than every private network (10.0.0.0/8, fc00::/7): half of the internet is public too, however it is written. */
function isEverywhere(address: string): boolean {
  const [, network = '', bits] = /^([\da-f.:]+)\/(\d+)$/i.exec(address) ?? []
  return bits === undefined ? PUBLIC.has(address.toLowerCase()) : Number(bits) < (network.includes(':') ? 7 : 8)
}

/** The public ones among addresses: a text, or a list of them. */
function publicAddresses(addresses: View): Exposure[] {
  if (isUnknown(addresses)) return [{ what: 'addresses that are known after apply', certain: false }]
  if (typeof addresses.value === 'string')
    return isEverywhere(addresses.value) ? [{ what: addresses.value, certain: true }] : []
  return elements(addresses).flatMap(publicAddresses)
}

/** `from` of each public address of these attributes. */
function openTo(object: View, attributes: readonly string[], what: string): Exposure[] {
  return attributes
    .flatMap(attribute => publicAddresses(at(object, attribute)))
    .map(address => ({ what: `${what} from ${address.what}`, certain: address.certain }))
}

function shown({ value, unknown, sensitive }: View): string {
  if (unknown === true) return '(known after apply)'
  if (sensitive === true) return '(sensitive)'
  return typeof value === 'string' ? value : writeJson(value ?? null)
}

function portsText(block: View, from: string, to: string, protocol: string): string {
  const [first, last, kind] = [at(block, from), at(block, to), at(block, protocol)].map(shown)
  if (kind === '-1' || kind === 'all') return 'every port'
  if (first === 'null') return `${kind}, every port`
  return first === last ? `${kind} ${first}` : `${kind} ${first} to ${last}`
}

/** `attribute` has one of these values. */
function is(path: readonly (string | number)[], values: readonly Json[], what: string): Find {
  return object => {
    const view = at(object, ...path)
    if (isUnknown(view)) return [{ what, certain: false }]
    return values.some(value => value === view.value) ? [{ what, certain: true }] : []
  }
}

/** A list of `attribute` holds `value`. */
function holds(attribute: string, value: string, what: string): Find {
  return object => {
    const list = at(object, attribute)
    if (isUnknown(list)) return [{ what, certain: false }]
    return elements(list).some(one => one.value === value) ? [{ what, certain: true }] : []
  }
}

/** As `is`, in every element of the blocks that `path` leads to. */
function inBlocks(path: string, find: Find): Find {
  return object => elements(at(object, path)).flatMap(block => [...find(block)])
}

const all =
  (...finds: readonly Find[]): Find =>
  object =>
    finds.flatMap(find => [...find(object)])

/** Rules of a firewall in blocks; unknown blocks may open. */
function rulesIn(path: string, ruleOf: (block: View) => readonly Exposure[]): Find {
  return object => {
    const blocks = at(object, path)
    if (isUnknown(blocks)) return [{ what: `${path} that is known after apply`, certain: false }]
    return elements(blocks).flatMap(ruleOf)
  }
}

const awsIngress = (block: View) =>
  openTo(block, ['cidr_blocks', 'ipv6_cidr_blocks'], portsText(block, 'from_port', 'to_port', 'protocol'))

const isOf = (block: View, attribute: string, word: string) =>
  isUnknown(at(block, attribute)) || String(at(block, attribute).value).toLowerCase() === word

function azureRule(block: View): Exposure[] {
  if (!isOf(block, 'direction', 'inbound') || !isOf(block, 'access', 'allow')) return []
  const ports = [at(block, 'destination_port_range'), at(block, 'destination_port_ranges')].filter(
    ({ value, unknown }) => unknown === true || (value !== undefined && value !== null && value !== ''),
  )
  const what = `port ${ports.map(shown).join(', ') || '*'}`
  return openTo(block, ['source_address_prefix', 'source_address_prefixes'], what)
}

function googleFirewall(object: View): Exposure[] {
  if (!isOf(object, 'direction', 'ingress') && at(object, 'direction').value !== undefined) return []
  if (at(object, 'disabled').value === true) return []
  const allowed = elements(at(object, 'allow')).map(block =>
    `${shown(at(block, 'protocol'))} ${portList(block)}`.trim(),
  )
  if (allowed.length === 0 && !isUnknown(at(object, 'allow'))) return []
  return openTo(object, ['source_ranges'], allowed.join(', ') || 'what is known after apply')
}

const portList = (block: View) => elements(at(block, 'ports')).map(shown).join(', ')

const EVERYBODY: ReadonlySet<Json> = new Set(['allUsers', 'allAuthenticatedUsers'])

function googleMembers(object: View): Exposure[] {
  const members = [at(object, 'member'), ...elements(at(object, 'members')), at(object, 'members')]
  const role = shown(at(object, 'role'))
  return members.flatMap((member): Exposure[] => {
    if (isUnknown(member)) return [{ what: `${role} for members that are known after apply`, certain: false }]
    return EVERYBODY.has(member.value ?? null) ? [{ what: `${role} for ${shown(member)}`, certain: true }] : []
  })
}

/** `azurerm_mssql_firewall_rule` and its like: every address there is. 0.0.0.0 to 0.0.0.0 means Azure's own services. */
function azureRange(object: View): Exposure[] {
  const [start, end] = [at(object, 'start_ip_address'), at(object, 'end_ip_address')]
  if (isUnknown(start) || isUnknown(end)) return [{ what: 'addresses that are known after apply', certain: false }]
  return start.value === '0.0.0.0' && end.value === '255.255.255.255'
    ? [{ what: 'every address from 0.0.0.0 to 255.255.255.255', certain: true }]
    : []
}

function policyIn(attribute: string): Find {
  return object => {
    const policy = at(object, attribute)
    if (isUnknown(policy)) return [{ what: `${attribute} that is known after apply`, certain: false }]
    if (typeof policy.value !== 'string') return []
    const isSensitive = policy.sensitive === true
    return policyOpenings(policy.value).map(opening => ({ ...opening, isSensitive }))
  }
}

const cannedAcl = is(['acl'], ['public-read', 'public-read-write', 'authenticated-read'], 'a public access list')
const grantsToEverybody: Find = object =>
  [object, ...elements(at(object, 'access_control_policy'))]
    .flatMap(block => elements(at(block, 'grant')))
    // A bucket has them without `grantee`.
    .flatMap(grant => [grant, ...elements(at(grant, 'grantee'))])
    .flatMap(grantee =>
      /\/groups\/global\/(?:AllUsers|AuthenticatedUsers)$/.test(String(at(grantee, 'uri').value))
        ? [{ what: `a grant to ${shown(at(grantee, 'uri'))}`, certain: true }]
        : [],
    )

const publicAccessBlock = all(
  ...['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].map(name =>
    is([name], [true], name),
  ),
)

const types = (names: string) => new RegExp(`^(?:${names.trim().replaceAll(/\s+/g, '|')})$`)

const RULES: readonly Rule[] = [
  { types: types('aws_security_group aws_default_security_group'), opens: rulesIn('ingress', awsIngress) },
  {
    types: types('aws_security_group_rule'),
    opens: object => (isOf(object, 'type', 'ingress') ? awsIngress(object) : []),
  },
  {
    types: types('aws_vpc_security_group_ingress_rule'),
    opens: object =>
      openTo(object, ['cidr_ipv4', 'cidr_ipv6'], portsText(object, 'from_port', 'to_port', 'ip_protocol')),
  },
  {
    types: types('aws_s3_account_public_access_block aws_s3_bucket_public_access_block'),
    closes: publicAccessBlock,
    isGuard: true,
  },
  {
    types: types('aws_s3_access_point'),
    closes: inBlocks('public_access_block_configuration', publicAccessBlock),
  },
  {
    types: types('aws_ebs_snapshot_block_public_access'),
    closes: is(['state'], ['block-all-sharing', 'block-new-sharing'], 'closed to public snapshots'),
    isGuard: true,
  },
  {
    types: types('aws_db_cluster_snapshot aws_db_snapshot aws_db_snapshot_copy aws_rds_cluster_snapshot_copy'),
    opens: holds('shared_accounts', 'all', 'a snapshot for everybody'),
  },
  { types: types('aws_s3_bucket aws_s3_bucket_acl aws_s3_object'), opens: all(cannedAcl, grantsToEverybody) },
  {
    types:
      types(`aws_db_instance aws_dms_replication_instance aws_docdb_cluster_instance aws_lightsail_database aws_mq_broker
      aws_neptune_cluster_instance aws_rds_cluster aws_rds_cluster_instance aws_redshift_cluster aws_redshiftserverless_workgroup`),
    opens: is(['publicly_accessible'], [true], 'publicly_accessible'),
  },
  { types: types('aws_alb aws_elb aws_lb'), closes: is(['internal'], [true], 'internal') },
  {
    types: types('aws_eks_cluster'),
    opens: inBlocks('vpc_config', block =>
      at(block, 'endpoint_public_access').value === false
        ? []
        : openTo(block, ['public_access_cidrs'], 'the API of Kubernetes'),
    ),
  },
  { types: types('aws_lambda_function_url'), opens: is(['authorization_type'], ['NONE'], 'a URL without sign-in') },
  { types: types('aws_lambda_permission'), opens: is(['principal'], ['*'], 'a function that everybody may call') },
  {
    types: types('aws_lambda_layer_version_permission'),
    opens: object =>
      at(object, 'organization_id').value ? [] : is(['principal'], ['*'], 'a layer that everybody may use')(object),
  },
  {
    types: types('aws_msk_cluster'),
    opens: inBlocks(
      'broker_node_group_info',
      inBlocks(
        'connectivity_info',
        inBlocks('public_access', is(['type'], ['SERVICE_PROVIDED_EIPS'], 'brokers with public addresses')),
      ),
    ),
  },
  {
    types: types('aws_ssm_document'),
    opens: is(['permissions', 'account_ids'], ['All', 'all'], 'a document for everybody'),
  },
  { types: types('aws_ami_launch_permission'), opens: is(['group'], ['all'], 'an image for everybody') },
  {
    types: types(`aws_backup_vault_policy aws_cloudwatch_event_bus_policy aws_codeartifact_domain_permissions_policy
      aws_codeartifact_repository_permissions_policy aws_dynamodb_resource_policy aws_ecr_repository_policy aws_efs_file_system_policy
      aws_glue_resource_policy aws_iam_group_policy aws_iam_policy aws_iam_role_policy aws_iam_user_policy aws_kinesis_resource_policy
      aws_kms_key aws_kms_key_policy aws_media_store_container_policy aws_s3_access_point aws_s3_bucket aws_s3_bucket_policy
      aws_s3control_bucket_policy aws_secretsmanager_secret aws_secretsmanager_secret_policy aws_ses_identity_policy
      aws_sns_topic aws_sns_topic_policy aws_sqs_queue aws_sqs_queue_policy`),
    opens: policyIn('policy'),
  },
  {
    types: types(
      'aws_elasticsearch_domain aws_elasticsearch_domain_policy aws_opensearch_domain aws_opensearch_domain_policy',
    ),
    opens: policyIn('access_policies'),
  },
  { types: types('aws_glacier_vault'), opens: policyIn('access_policy') },
  { types: types('aws_iam_role'), opens: policyIn('assume_role_policy') },
  { types: types('aws_iam_role'), opens: inBlocks('inline_policy', policyIn('policy')) },
  {
    types: types('azurerm_network_security_rule'),
    opens: azureRule,
  },
  { types: types('azurerm_network_security_group'), opens: rulesIn('security_rule', azureRule) },
  {
    types: types('azurerm_storage_account'),
    opens: all(
      is(['allow_nested_items_to_be_public'], [true], 'containers that may be public'),
      is(['allow_blob_public_access'], [true], 'containers that may be public'),
    ),
    closes: inBlocks('network_rules', is(['default_action'], ['Deny'], 'closed to other networks (default_action)')),
  },
  {
    types: types('azurerm_storage_container'),
    opens: is(['container_access_type'], ['blob', 'container'], 'a container that everybody may read'),
  },
  { types: /^azurerm_/, closes: is(['public_network_access_enabled'], [false], 'closed to the public network') },
  {
    types: /^azurerm_(?:\w+_)?(?:mariadb|mssql|mysql|postgresql|redis|sql|synapse)\w*_firewall_rule$/,
    opens: azureRange,
  },
  { types: types('google_compute_firewall'), opens: googleFirewall },
  { types: /^google_\w+_iam_(?:member|binding)$/, opens: googleMembers },
  { types: /^google_\w+_iam_policy$/, opens: policyIn('policy_data') },
  {
    types: types(`google_storage_bucket_access_control google_storage_default_object_access_control
      google_storage_object_access_control`),
    opens: is(['entity'], [...EVERYBODY], 'objects that everybody may read'),
  },
  {
    types: types('google_storage_bucket'),
    closes: is(['public_access_prevention'], ['enforced'], 'closed to the public (public_access_prevention)'),
  },
  {
    types: types('google_sql_database_instance'),
    opens: inBlocks(
      'settings',
      inBlocks(
        'ip_configuration',
        inBlocks('authorized_networks', block => openTo(block, ['value'], 'the database')),
      ),
    ),
    closes: inBlocks(
      'settings',
      inBlocks('ip_configuration', is(['ipv4_enabled'], [false], 'without a public address')),
    ),
  },
  {
    types: types('google_container_cluster'),
    opens: inBlocks(
      'master_authorized_networks_config',
      inBlocks('cidr_blocks', block => openTo(block, ['cidr_block'], 'the API of Kubernetes')),
    ),
  },
  {
    types: types('google_bigquery_dataset_access google_bigquery_dataset'),
    opens: all(
      is(['special_group'], ['allAuthenticatedUsers'], 'a dataset that everybody may read'),
      is(['iam_member'], [...EVERYBODY], 'a dataset that everybody may read'),
      inBlocks('access', is(['special_group'], ['allAuthenticatedUsers'], 'a dataset that everybody may read')),
    ),
  },
  {
    types: types('hcloud_firewall'),
    opens: rulesIn('rule', block =>
      isOf(block, 'direction', 'in')
        ? openTo(block, ['source_ips'], `${shown(at(block, 'protocol'))} ${shown(at(block, 'port'))}`)
        : [],
    ),
  },
  {
    types: types('digitalocean_firewall'),
    opens: rulesIn('inbound_rule', block =>
      openTo(block, ['source_addresses'], `${shown(at(block, 'protocol'))} ${shown(at(block, 'port_range'))}`),
    ),
  },
  {
    types: types('digitalocean_spaces_bucket digitalocean_spaces_bucket_object scaleway_object_bucket_acl'),
    opens: cannedAcl,
  },
  {
    types: types('kubernetes_service kubernetes_service_v1'),
    opens: inBlocks('spec', is(['type'], ['LoadBalancer'], 'a load balancer')),
  },
  {
    types: types(`kubernetes_cluster_role_binding kubernetes_cluster_role_binding_v1 kubernetes_role_binding
      kubernetes_role_binding_v1`),
    opens: inBlocks('subject', is(['name'], ['system:anonymous', 'system:unauthenticated'], 'rights without sign-in')),
  },
]
