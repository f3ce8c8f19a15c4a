import { member, type Json } from './json.ts'

/**
 * A place that holds secrets by its nature, whether or not the provider marks it.
 * `secret`: what stands there is nothing but a secret, so it is hidden wherever it was copied to.
 * `place`: settings may stand there as well (`LOG_LEVEL`), so it is hidden there only, and its name stays.
 */
export interface Sink {
  readonly hides: 'secret' | 'place'
  /** Steps to it; `*` is any one step, `**` any number of them, `{}` goes into JSON that is held as text. */
  readonly path: readonly string[]
  /** Says of the object's values whether the place is one. */
  readonly when?: (values: Json) => boolean
}

interface Row {
  readonly reason: string
  readonly hides: Sink['hides']
  /** Names of types, one part of a name may be `*`. */
  readonly types: string
  readonly paths: string
  readonly when?: Sink['when']
}

const ROWS: readonly Row[] = [
  {
    reason: 'Environment of containers: where applications get their passwords',
    hides: 'place',
    types: 'aws_ecs_task_definition',
    paths: 'container_definitions.{}.*.environment.*.value',
  },
  {
    reason: 'The same of batch jobs, whose JSON is one container or several',
    hides: 'place',
    types: 'aws_batch_job_definition',
    paths: 'container_properties.{}.environment.*.value node_properties.{}.**.environment.*.value',
  },
  {
    reason: 'The same of Kubernetes, wherever the template of the pod lies',
    hides: 'place',
    types: 'kubernetes_*',
    paths: 'spec.**.env.*.value manifest.spec.**.env.*.value object.spec.**.env.*.value',
  },
  {
    reason: 'A Secret as a manifest is not marked as the resource for it is',
    hides: 'place',
    types: 'kubernetes_manifest',
    paths: 'manifest.data.* manifest.stringData.* object.data.* object.stringData.*',
    when: values => member(member(values, 'manifest'), 'kind') === 'Secret',
  },
  {
    reason: 'The same of containers and functions at Google',
    hides: 'place',
    types: 'google_cloud_run_* google_cloudfunctions_function google_cloudfunctions2_function google_app_engine_*',
    paths:
      'template.**.env.*.value environment_variables.* build_environment_variables.* service_config.*.environment_variables.* build_config.*.environment_variables.* env_variables.*',
  },
  {
    reason: 'The same of functions, builds and applications at AWS',
    hides: 'place',
    types:
      'aws_lambda_function aws_codebuild_project aws_amplify_app aws_amplify_branch aws_apprunner_service aws_elastic_beanstalk_* aws_sagemaker_model',
    paths:
      'environment.*.variables.* environment.*.environment_variable.*.value environment_variables.* source_configuration.**.runtime_environment_variables.* setting.*.value container.*.environment.* primary_container.*.environment.*',
  },
  {
    reason: 'The same at Azure: settings of an application are its environment',
    hides: 'place',
    types: 'azurerm_*',
    paths:
      'app_settings.* connection_string.*.value container.*.environment_variables.* template.*.container.*.env.*.value',
  },
  {
    reason: 'The same of other platforms',
    hides: 'place',
    types: 'docker_container docker_service heroku_app heroku_app_config_association fly_machine',
    paths: 'env.* env task_spec.*.container_spec.*.env.* config_vars.* vars.*',
  },
  {
    reason: 'Scripts that a machine runs at its first start: passwords and tokens are written into them',
    hides: 'place',
    types:
      'aws_instance aws_spot_instance_request aws_launch_template aws_launch_configuration azurerm_* hcloud_server digitalocean_droplet openstack_compute_instance_v2',
    paths: 'user_data user_data_base64 custom_data',
  },
  {
    reason: 'The same of other machines, in older and newer shapes',
    hides: 'place',
    types:
      'aws_spot_fleet_request aws_imagebuilder_image_recipe aws_lightsail_instance exoscale_compute_instance* linode_instance oci_core_instance oci_core_instance_configuration scaleway_instance_server upcloud_server vultr_instance vultr_bare_metal_server',
    paths:
      'user_data user_data.* user_data_base64 launch_specification.*.user_data metadata.user_data metadata.*.user_data **.launch_details.*.metadata.user_data',
  },
  {
    reason: 'The same where it is put together',
    hides: 'place',
    types: 'cloudinit_config template_cloudinit_config template_file',
    paths: 'rendered part.*.content vars.*',
  },
  {
    reason: 'Arguments of jobs and stacks: where they get their passwords',
    hides: 'place',
    types: 'aws_cloudformation_stack aws_cloudformation_stack_set aws_glue_job google_composer_environment',
    paths: 'parameters.* default_arguments.* config.*.software_config.*.env_variables.*',
  },
  {
    reason: 'The same at Google',
    hides: 'place',
    types: 'google_compute_*',
    paths: 'metadata_startup_script metadata.startup-script metadata.user-data metadata.windows-startup-script-ps1',
  },
  {
    reason: 'Values of a chart are YAML as text: which of them are secret cannot be told',
    hides: 'place',
    types: 'helm_release',
    paths: 'values.* metadata.*.values',
  },
  {
    reason: 'Named so by the chart’s user',
    hides: 'secret',
    types: 'helm_release',
    paths: 'set_sensitive.*.value',
  },
  {
    reason: 'Made to be a secret; marked by today’s providers, not by all older ones',
    hides: 'secret',
    types: 'random_password',
    paths: 'result bcrypt_hash',
  },
  {
    reason: 'Private keys',
    hides: 'secret',
    types: 'tls_private_key tls_self_signed_cert tls_locally_signed_cert acme_certificate acme_registration',
    paths:
      'private_key_pem private_key_openssh private_key_pem_pkcs8 ca_private_key_pem account_key_pem private_key_pem certificate_p12',
  },
  {
    reason: 'Passwords of databases, caches and brokers',
    hides: 'secret',
    types: 'aws_*',
    paths: 'password master_password master_user_password auth_token user.*.password',
  },
  {
    reason: 'Stores of secrets: the value is the secret',
    hides: 'secret',
    types: 'aws_secretsmanager_secret_version',
    paths: 'secret_string secret_binary',
  },
  {
    reason: 'The same; a plain String is a setting',
    hides: 'secret',
    types: 'aws_ssm_parameter',
    paths: 'value',
    when: values => member(values, 'type') === 'SecureString',
  },
  {
    reason: 'Credentials that AWS makes',
    hides: 'secret',
    types: 'aws_iam_access_key aws_iam_user_login_profile aws_iam_service_specific_credential',
    paths: 'secret ses_smtp_password_v4 password service_password',
  },
  {
    reason: 'Passwords and keys at Azure',
    hides: 'secret',
    types: 'azurerm_* azuread_*',
    paths:
      'admin_password administrator_password administrator_login_password primary_access_key secondary_access_key primary_connection_string secondary_connection_string primary_key secondary_key',
  },
  {
    reason: 'The same: the value is the secret',
    hides: 'secret',
    types: 'azurerm_key_vault_secret azuread_application_password azuread_service_principal_password',
    paths: 'value',
  },
  {
    reason: 'Keys of service accounts and passwords at Google',
    hides: 'secret',
    types:
      'google_service_account_key google_sql_user google_sql_database_instance google_secret_manager_secret_version',
    paths: 'private_key password root_password secret_data',
  },
  {
    reason: 'Password files of web servers, their hashes too',
    hides: 'secret',
    types: 'htpasswd_password',
    paths: 'password bcrypt apr1 sha256 sha512',
  },
  {
    reason: 'Files and secrets that are named so',
    hides: 'secret',
    types:
      'local_sensitive_file github_actions_secret github_actions_environment_secret vault_generic_secret vault_kv_secret_v2',
    paths: 'content content_base64 plaintext_value data_json',
  },
  {
    reason: 'Logins to a registry: base64 of user and password',
    hides: 'secret',
    types: 'kubernetes_secret*',
    paths: 'data.* binary_data.*',
  },
]

const known = new Map<string, readonly Sink[]>()

/** The places of a type that hold secrets. */
export function sinksOf(type: string): readonly Sink[] {
  const before = known.get(type)
  if (before !== undefined) return before
  const sinks = ROWS.filter(({ types }) => types.split(' ').some(name => matchesType(name, type))).flatMap(
    ({ hides, paths, when }) =>
      paths.split(' ').map((path): Sink => ({ hides, path: path.split('.'), ...(when === undefined ? {} : { when }) })),
  )
  known.set(type, sinks)
  return sinks
}

function matchesType(name: string, type: string): boolean {
  return name.endsWith('*') ? type.startsWith(name.slice(0, -1)) : name === type
}
