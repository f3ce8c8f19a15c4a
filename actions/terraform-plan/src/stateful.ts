import type { ResourceChange } from '#kit/terraform/plan'

/** Types that hold data, keys or names which are lost with the object. */
const STATEFUL_TYPES: ReadonlySet<string> = new Set(
  `aws_backup_vault aws_cloudwatch_log_group aws_cognito_user_pool aws_db_instance aws_db_snapshot aws_docdb_cluster
  aws_dynamodb_table aws_ebs_snapshot aws_ebs_volume aws_ecr_repository aws_efs_file_system aws_elasticache_cluster
  aws_elasticache_replication_group aws_elasticsearch_domain aws_fsx_lustre_file_system aws_fsx_ontap_file_system
  aws_fsx_openzfs_file_system aws_fsx_windows_file_system aws_glacier_vault aws_kinesis_stream aws_kms_key
  aws_memorydb_cluster aws_mq_broker aws_msk_cluster aws_neptune_cluster aws_opensearch_domain aws_rds_cluster
  aws_redshift_cluster aws_route53_zone aws_s3_bucket aws_s3_directory_bucket aws_secretsmanager_secret aws_sqs_queue
  aws_timestreamwrite_table
  azurerm_container_registry azurerm_cosmosdb_account azurerm_dns_zone azurerm_eventhub azurerm_key_vault
  azurerm_key_vault_key azurerm_log_analytics_workspace azurerm_managed_disk azurerm_mssql_database azurerm_mssql_server
  azurerm_mysql_flexible_server azurerm_postgresql_flexible_server azurerm_postgresql_server azurerm_redis_cache
  azurerm_storage_account azurerm_storage_container azurerm_storage_share
  digitalocean_database_cluster digitalocean_domain digitalocean_spaces_bucket digitalocean_volume
  google_artifact_registry_repository google_bigquery_dataset google_bigquery_table google_bigtable_instance
  google_compute_disk google_dns_managed_zone google_filestore_instance google_firestore_database google_kms_crypto_key
  google_kms_key_ring google_pubsub_topic google_redis_instance google_secret_manager_secret google_spanner_database
  google_spanner_instance google_sql_database google_sql_database_instance google_storage_bucket
  hcloud_volume kubernetes_namespace kubernetes_persistent_volume kubernetes_persistent_volume_claim`.split(/\s+/),
)

/** Whether the change takes away data with the object. An old object that stays, no longer managed, keeps it. */
export function losesState({ type, kind, replaceOrder }: ResourceChange): boolean {
  return STATEFUL_TYPES.has(type) && (kind === 'delete' || (kind === 'replace' && replaceOrder !== 'forget-first'))
}
