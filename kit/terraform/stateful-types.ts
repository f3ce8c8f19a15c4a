/**
 * Types whose objects take something with them that Terraform cannot make again: data, keys, names that others know. Each
 * group says what is lost; within a group types are sorted. A provider's older and newer name of a type both stand here.
 */
const GROUPS: Readonly<Record<string, string>> = {
  'holds a database': `
    alicloud_db_instance alicloud_mongodb_instance alicloud_polardb_cluster
    aws_db_instance aws_docdb_cluster aws_docdb_global_cluster aws_docdbelastic_cluster aws_dsql_cluster
    aws_dynamodb_global_table aws_dynamodb_table aws_healthlake_fhir_datastore aws_keyspaces_keyspace
    aws_keyspaces_table aws_lightsail_database aws_neptune_cluster aws_neptune_global_cluster aws_neptunegraph_graph
    aws_odb_cloud_autonomous_vm_cluster aws_odb_cloud_vm_cluster aws_qldb_ledger aws_rds_cluster aws_rds_global_cluster
    aws_redshift_cluster aws_redshiftserverless_namespace aws_simpledb_domain aws_timestreaminfluxdb_db_cluster
    aws_timestreaminfluxdb_db_instance aws_timestreamwrite_database aws_timestreamwrite_table
    azurerm_cosmosdb_account azurerm_cosmosdb_cassandra_keyspace azurerm_cosmosdb_cassandra_table
    azurerm_cosmosdb_gremlin_database azurerm_cosmosdb_gremlin_graph azurerm_cosmosdb_mongo_collection
    azurerm_cosmosdb_mongo_database azurerm_cosmosdb_postgresql_cluster azurerm_cosmosdb_sql_container
    azurerm_cosmosdb_sql_database azurerm_cosmosdb_table azurerm_kusto_cluster azurerm_kusto_database
    azurerm_mariadb_database azurerm_mariadb_server azurerm_mongo_cluster azurerm_mssql_database
    azurerm_mssql_elasticpool azurerm_mssql_managed_database azurerm_mssql_managed_instance azurerm_mssql_server
    azurerm_mysql_database azurerm_mysql_flexible_database azurerm_mysql_flexible_server azurerm_mysql_server
    azurerm_postgresql_database azurerm_postgresql_flexible_server azurerm_postgresql_flexible_server_database
    azurerm_postgresql_server azurerm_sql_database azurerm_sql_server azurerm_synapse_sql_pool azurerm_synapse_workspace
    cockroach_cluster
    digitalocean_database_cluster digitalocean_database_db
    exoscale_database exoscale_dbaas
    google_alloydb_cluster google_alloydb_instance google_bigtable_instance google_bigtable_table
    google_firebase_database_instance google_firestore_database google_healthcare_dataset google_healthcare_dicom_store
    google_healthcare_fhir_store google_healthcare_hl7_v2_store google_oracle_database_autonomous_database
    google_oracle_database_cloud_vm_cluster google_spanner_database google_spanner_instance google_sql_database
    google_sql_database_instance
    linode_database_mysql_v2 linode_database_postgresql_v2
    mongodbatlas_advanced_cluster mongodbatlas_cluster mongodbatlas_flex_cluster mongodbatlas_serverless_instance
    mysql_database
    neon_project
    oci_database_autonomous_database oci_database_db_system oci_mysql_mysql_db_system oci_nosql_table oci_psql_db_system
    ovh_cloud_project_database
    planetscale_database
    postgresql_database postgresql_schema
    scaleway_rdb_database scaleway_rdb_instance
    snowflake_database snowflake_schema snowflake_table
    supabase_project
    upcloud_managed_database_mysql upcloud_managed_database_opensearch upcloud_managed_database_postgresql
    upcloud_managed_database_valkey
    vultr_database`,
  'holds data for analysis': `
    aws_athena_database aws_bedrockagent_knowledge_base aws_emr_cluster aws_finspace_kx_database
    aws_finspace_kx_environment aws_glue_catalog_database aws_glue_catalog_table aws_iotanalytics_datastore
    aws_lakeformation_resource aws_s3tables_namespace aws_s3tables_table aws_s3tables_table_bucket aws_sagemaker_domain
    aws_sagemaker_feature_group aws_sagemaker_notebook_instance
    azurerm_data_factory azurerm_data_lake_store azurerm_databricks_workspace
    google_bigquery_dataset google_bigquery_table google_composer_environment google_dataplex_lake
    google_dataproc_metastore_service google_workbench_instance`,
  'holds files or objects': `
    alicloud_nas_file_system alicloud_oss_bucket
    aws_efs_file_system aws_fsx_file_cache aws_fsx_lustre_file_system aws_fsx_ontap_file_system
    aws_fsx_ontap_storage_virtual_machine aws_fsx_ontap_volume aws_fsx_openzfs_file_system aws_fsx_openzfs_volume
    aws_fsx_windows_file_system aws_glacier_vault aws_kinesis_video_stream aws_lightsail_bucket
    aws_media_store_container aws_s3_bucket aws_s3_directory_bucket aws_s3control_bucket aws_s3vectors_index
    aws_s3vectors_vector_bucket aws_storagegateway_gateway aws_workspaces_workspace
    azurerm_data_lake_storage_gen2_filesystem azurerm_hpc_cache azurerm_netapp_account azurerm_netapp_pool
    azurerm_netapp_volume azurerm_storage_account azurerm_storage_container azurerm_storage_data_lake_gen2_filesystem
    azurerm_storage_share azurerm_storage_table
    cloudflare_r2_bucket
    digitalocean_spaces_bucket
    google_filestore_instance google_netapp_storage_pool google_netapp_volume google_parallelstore_instance
    google_storage_bucket
    linode_object_storage_bucket
    minio_s3_bucket
    oci_file_storage_file_system oci_objectstorage_bucket
    openstack_objectstorage_container_v1 openstack_sharedfilesystem_share_v2
    scaleway_file_filesystem scaleway_object_bucket
    upcloud_managed_object_storage_bucket`,
  'holds a disk': `
    alicloud_disk alicloud_ecs_disk
    aws_ebs_volume aws_lightsail_disk aws_storagegateway_cached_iscsi_volume aws_storagegateway_stored_iscsi_volume
    azurerm_elastic_san azurerm_elastic_san_volume azurerm_managed_disk
    digitalocean_volume
    exoscale_block_storage_volume
    google_compute_disk google_compute_region_disk
    hcloud_volume
    kubernetes_persistent_volume kubernetes_persistent_volume_claim kubernetes_persistent_volume_claim_v1
    kubernetes_persistent_volume_v1 kubernetes_stateful_set kubernetes_stateful_set_v1
    libvirt_volume
    linode_volume
    oci_core_boot_volume oci_core_volume
    openstack_blockstorage_volume_v3
    scaleway_block_volume scaleway_instance_volume
    upcloud_storage
    vsphere_virtual_disk
    vultr_block_storage`,
  'holds backups': `
    aws_ami aws_ami_copy aws_ami_from_instance aws_backup_logically_air_gapped_vault aws_backup_vault
    aws_db_cluster_snapshot aws_db_snapshot aws_db_snapshot_copy aws_ebs_snapshot aws_ebs_snapshot_copy
    aws_ebs_snapshot_import aws_fsx_backup aws_fsx_openzfs_snapshot aws_neptune_cluster_snapshot
    aws_rds_cluster_snapshot_copy aws_redshift_cluster_snapshot
    azurerm_backup_protected_vm azurerm_data_protection_backup_vault azurerm_recovery_services_vault azurerm_snapshot
    digitalocean_volume_snapshot
    google_backup_dr_backup_vault google_compute_image google_compute_machine_image google_compute_snapshot
    google_filestore_backup google_gke_backup_backup_plan
    hcloud_snapshot
    oci_core_volume_backup
    openstack_blockstorage_backup_v3`,
  'holds a cache or a search index': `
    aws_cloudsearch_domain aws_elasticache_cluster aws_elasticache_global_replication_group aws_elasticache_replication_group
    aws_elasticache_serverless_cache aws_elasticsearch_domain aws_kendra_index aws_memorydb_cluster aws_opensearch_domain
    aws_opensearchserverless_collection
    azurerm_managed_redis azurerm_redis_cache azurerm_redis_enterprise_cluster azurerm_redis_enterprise_database
    azurerm_search_service
    ec_deployment elasticstack_elasticsearch_index
    google_memcache_instance google_memorystore_instance google_redis_cluster google_redis_instance google_vertex_ai_index
    scaleway_redis_cluster`,
  'holds messages': `
    aws_kinesis_stream aws_mq_broker aws_msk_cluster aws_msk_serverless_cluster aws_sqs_queue
    azurerm_eventhub azurerm_eventhub_namespace azurerm_iothub azurerm_servicebus_namespace azurerm_servicebus_queue
    azurerm_servicebus_topic azurerm_storage_queue
    confluent_kafka_cluster confluent_kafka_topic
    google_managed_kafka_cluster google_managed_kafka_topic google_pubsub_lite_topic google_pubsub_subscription
    google_pubsub_topic
    kafka_topic
    rabbitmq_queue`,
  'holds keys or secrets': `
    aws_acmpca_certificate_authority aws_cloudhsm_v2_cluster aws_kms_external_key aws_kms_key
    aws_kms_replica_key aws_secretsmanager_secret aws_ssm_parameter
    azurerm_app_configuration azurerm_key_vault azurerm_key_vault_certificate azurerm_key_vault_key
    azurerm_key_vault_managed_hardware_security_module azurerm_key_vault_secret
    google_kms_crypto_key google_kms_key_ring google_privateca_ca_pool google_privateca_certificate_authority
    google_secret_manager_regional_secret google_secret_manager_secret
    oci_kms_key oci_kms_vault oci_vault_secret
    random_bytes random_password
    scaleway_key_manager_key scaleway_secret
    tls_private_key
    vault_mount vault_namespace vault_pki_secret_backend_root_cert vault_transit_secret_backend_key`,
  'holds names that others use': `
    aws_cloudfront_distribution aws_dx_connection aws_dx_hosted_connection aws_eip aws_lightsail_domain aws_route53_zone
    aws_route53domains_registered_domain aws_ses_domain_identity aws_sesv2_email_identity aws_vpc_ipam
    azurerm_dns_zone azurerm_private_dns_zone azurerm_public_ip
    cloudflare_zone
    digitalocean_domain digitalocean_reserved_ip
    dnsimple_zone
    google_compute_address google_compute_global_address google_dns_managed_zone
    hcloud_floating_ip hcloud_primary_ip hcloud_zone
    linode_domain
    ns1_zone
    oci_dns_zone
    openstack_dns_zone_v2
    ovh_domain_zone
    powerdns_zone
    scaleway_domain_zone`,
  'holds images or packages': `
    aws_codeartifact_domain aws_codeartifact_repository aws_codecommit_repository aws_ecr_repository aws_ecrpublic_repository
    azurerm_container_registry azurerm_shared_image_gallery
    digitalocean_container_registry github_repository gitlab_project
    google_artifact_registry_repository google_container_registry google_sourcerepo_repository
    scaleway_registry_namespace`,
  'holds logs or measurements': `
    aws_cloudtrail_event_data_store aws_cloudwatch_log_group aws_prometheus_workspace
    azurerm_application_insights azurerm_log_analytics_workspace azurerm_monitor_workspace
    google_logging_project_bucket_config google_monitoring_metrics_scope`,
  'holds accounts of people': `
    auth0_connection auth0_tenant
    aws_cognito_identity_pool aws_cognito_user_pool aws_connect_instance aws_directory_service_directory
    aws_identitystore_group aws_identitystore_user aws_organizations_account aws_verifiedpermissions_policy_store
    azuread_group azuread_user
    azurerm_aadb2c_directory
    google_identity_platform_tenant google_organization google_project
    keycloak_realm
    okta_user`,
  'takes everything in it along': `
    aws_cloudformation_stack aws_cloudformation_stack_set aws_eks_cluster aws_elastic_beanstalk_environment
    aws_organizations_organization
    azurerm_kubernetes_cluster azurerm_management_group azurerm_resource_group azurerm_subscription
    digitalocean_kubernetes_cluster
    google_apigee_organization google_container_cluster google_folder
    kubernetes_custom_resource_definition kubernetes_namespace kubernetes_namespace_v1
    mongodbatlas_project`,
}

const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries(GROUPS).flatMap(([reason, types]) =>
    types
      .trim()
      .split(/\s+/)
      .map((type): [string, string] => [type, reason]),
  ),
)

/** What is lost with an object of this type: `holds a database`; `undefined` when nothing is known of it. */
export function statefulReason(type: string): string | undefined {
  return REASONS.get(type)
}

/** Every type of the catalogue with its group's reason, in the order in which it is written. */
export function statefulTypes(): Iterable<readonly [type: string, reason: string]> {
  return REASONS
}
