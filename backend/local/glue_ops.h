/* The operations of Glue: one row each gives routing and the line of `weir local coverage`.
 * X(operation, handler, state, missing) for what is there; GLUE_ABSENT(X) names what is not. */
#ifndef WEIR_LOCAL_GLUE_OPS_H
#define WEIR_LOCAL_GLUE_OPS_H

/* clang-format off */
#define GLUE_OPERATIONS(X)                                                                                             \
    X(CreateDatabase, glue_op_create_database, PARTIAL, "linked and federated databases")                              \
    X(GetDatabase, glue_op_get_database, DONE, NULL)                                                                   \
    X(GetDatabases, glue_op_get_databases, DONE, NULL)                                                                 \
    X(UpdateDatabase, glue_op_update_database, DONE, NULL)                                                             \
    X(DeleteDatabase, glue_op_delete_database, DONE, NULL)                                                             \
    X(CreateTable, glue_op_create_table, PARTIAL, "OpenTableFormatInput, PartitionIndexes, transactions")              \
    X(GetTable, glue_op_get_table, PARTIAL, "TransactionId, QueryAsOfTime")                                            \
    X(GetTables, glue_op_get_tables, PARTIAL, "TransactionId, QueryAsOfTime")                                          \
    X(UpdateTable, glue_op_update_table, PARTIAL, "view updates, UpdateOpenTableFormatInput, transactions")            \
    X(DeleteTable, glue_op_delete_table, DONE, NULL)                                                                   \
    X(BatchDeleteTable, glue_op_batch_delete_table, DONE, NULL)                                                        \
    X(SearchTables, glue_op_search_tables, PARTIAL, "filters on Name, DatabaseName, Description, Owner, "              \
      "TableType, Classification, Location, Columns and parameters")                                                   \
    X(GetTableVersion, glue_op_get_table_version, DONE, NULL)                                                          \
    X(GetTableVersions, glue_op_get_table_versions, DONE, NULL)                                                        \
    X(DeleteTableVersion, glue_op_delete_table_version, DONE, NULL)                                                    \
    X(BatchDeleteTableVersion, glue_op_batch_delete_table_version, DONE, NULL)                                         \
    X(CreatePartition, glue_op_create_partition, DONE, NULL)                                                           \
    X(BatchCreatePartition, glue_op_batch_create_partition, DONE, NULL)                                                \
    X(GetPartition, glue_op_get_partition, DONE, NULL)                                                                 \
    X(BatchGetPartition, glue_op_batch_get_partition, DONE, NULL)                                                      \
    X(GetPartitions, glue_op_get_partitions, PARTIAL, "TransactionId, QueryAsOfTime")                                  \
    X(UpdatePartition, glue_op_update_partition, DONE, NULL)                                                           \
    X(BatchUpdatePartition, glue_op_batch_update_partition, DONE, NULL)                                                \
    X(DeletePartition, glue_op_delete_partition, DONE, NULL)                                                           \
    X(BatchDeletePartition, glue_op_batch_delete_partition, DONE, NULL)                                                \
    X(GetPartitionIndexes, glue_op_get_partition_indexes, PARTIAL, "there are none: the list is empty")                \
    X(GetColumnStatisticsForTable, glue_op_get_table_statistics, DONE, NULL)                                           \
    X(UpdateColumnStatisticsForTable, glue_op_update_table_statistics, DONE, NULL)                                     \
    X(DeleteColumnStatisticsForTable, glue_op_delete_table_statistics, DONE, NULL)                                     \
    X(GetColumnStatisticsForPartition, glue_op_get_partition_statistics, DONE, NULL)                                   \
    X(UpdateColumnStatisticsForPartition, glue_op_update_partition_statistics, DONE, NULL)                             \
    X(DeleteColumnStatisticsForPartition, glue_op_delete_partition_statistics, DONE, NULL)                             \
    X(CreateClassifier, glue_op_create_classifier, PARTIAL, "crawlers use CSV classifiers only, without CustomDatatypes")\
    X(GetClassifier, glue_op_get_classifier, DONE, NULL)                                                               \
    X(GetClassifiers, glue_op_get_classifiers, DONE, NULL)                                                             \
    X(UpdateClassifier, glue_op_update_classifier, DONE, NULL)                                                         \
    X(DeleteClassifier, glue_op_delete_classifier, DONE, NULL)                                                         \
    X(StartCrawlerSchedule, glue_op_start_schedule, DONE, NULL)                                                        \
    X(StopCrawlerSchedule, glue_op_stop_schedule, DONE, NULL)                                                          \
    X(UpdateCrawlerSchedule, glue_op_update_schedule, PARTIAL, "cron without L, W and #")                              \
    X(GetCatalogImportStatus, glue_op_get_catalog_import_status, DONE, NULL)                                           \
    X(TagResource, glue_op_tag_resource, DONE, NULL)                                                                   \
    X(UntagResource, glue_op_untag_resource, DONE, NULL)                                                               \
    X(GetTags, glue_op_get_tags, DONE, NULL)                                                                           \
    X(CreateCrawler, glue_op_create_crawler, PARTIAL, "S3 targets only; CSV classifiers only; no event mode")          \
    X(GetCrawler, glue_op_get_crawler, DONE, NULL)                                                                     \
    X(GetCrawlers, glue_op_get_crawlers, DONE, NULL)                                                                   \
    X(ListCrawlers, glue_op_list_crawlers, DONE, NULL)                                                                 \
    X(BatchGetCrawlers, glue_op_batch_get_crawlers, DONE, NULL)                                                        \
    X(UpdateCrawler, glue_op_update_crawler, PARTIAL, "S3 targets only; CSV classifiers only; no event mode")          \
    X(DeleteCrawler, glue_op_delete_crawler, DONE, NULL)                                                               \
    X(StartCrawler, glue_op_start_crawler, PARTIAL, "CSV, JSON, Parquet and gzip of them; no Avro, ORC, XML, logs")    \
    X(StopCrawler, glue_op_stop_crawler, DONE, NULL)                                                                   \
    X(GetCrawlerMetrics, glue_op_get_crawler_metrics, DONE, NULL)                                                      \
    X(ListCrawls, glue_op_list_crawls, PARTIAL, "no filters; no DPU hours")

#define GLUE_ABSENT(X)                                                                                                 \
    X(CreatePartitionIndex) X(DeletePartitionIndex) X(ImportCatalogToGlue)                                             \
    X(CreateUserDefinedFunction) X(GetUserDefinedFunction) X(GetUserDefinedFunctions) X(UpdateUserDefinedFunction)     \
    X(DeleteUserDefinedFunction)                                                                                       \
    X(CreateJob) X(GetJob) X(GetJobs) X(BatchGetJobs) X(ListJobs) X(UpdateJob) X(DeleteJob) X(StartJobRun)             \
    X(GetJobRun) X(GetJobRuns) X(BatchStopJobRun) X(GetJobBookmark) X(ResetJobBookmark)                                \
    X(CreateTrigger) X(GetTrigger) X(GetTriggers) X(BatchGetTriggers) X(ListTriggers) X(UpdateTrigger)                 \
    X(DeleteTrigger) X(StartTrigger) X(StopTrigger)                                                                    \
    X(CreateWorkflow) X(GetWorkflow) X(BatchGetWorkflows) X(ListWorkflows) X(UpdateWorkflow) X(DeleteWorkflow)         \
    X(StartWorkflowRun) X(StopWorkflowRun) X(ResumeWorkflowRun) X(GetWorkflowRun) X(GetWorkflowRuns)                   \
    X(GetWorkflowRunProperties) X(PutWorkflowRunProperties)                                                            \
    X(CreateConnection) X(GetConnection) X(GetConnections) X(UpdateConnection) X(DeleteConnection)                     \
    X(BatchDeleteConnection) X(TestConnection)                                                                         \
    X(StartColumnStatisticsTaskRun) X(GetColumnStatisticsTaskRun)                                                      \
    X(CreateDevEndpoint) X(GetDevEndpoint) X(GetDevEndpoints) X(ListDevEndpoints) X(UpdateDevEndpoint)                 \
    X(DeleteDevEndpoint) X(CreateSession) X(GetSession) X(ListSessions) X(StopSession) X(DeleteSession)                \
    X(RunStatement) X(GetStatement) X(ListStatements) X(CancelStatement)                                               \
    X(CreateMLTransform) X(GetMLTransform) X(GetMLTransforms) X(ListMLTransforms) X(UpdateMLTransform)                 \
    X(DeleteMLTransform)                                                                                               \
    X(CreateRegistry) X(GetRegistry) X(ListRegistries) X(UpdateRegistry) X(DeleteRegistry) X(CreateSchema)             \
    X(GetSchema) X(ListSchemas) X(UpdateSchema) X(DeleteSchema) X(RegisterSchemaVersion) X(GetSchemaVersion)           \
    X(ListSchemaVersions) X(GetSchemaByDefinition) X(CheckSchemaVersionValidity) X(PutSchemaVersionMetadata)           \
    X(CreateBlueprint) X(GetBlueprint) X(ListBlueprints) X(StartBlueprintRun)                                          \
    X(CreateDataQualityRuleset) X(GetDataQualityRuleset) X(ListDataQualityRulesets)                                    \
    X(StartDataQualityRulesetEvaluationRun) X(GetDataQualityResult)                                                    \
    X(CreateSecurityConfiguration) X(GetSecurityConfiguration) X(GetSecurityConfigurations)                            \
    X(DeleteSecurityConfiguration) X(GetDataCatalogEncryptionSettings) X(PutDataCatalogEncryptionSettings)             \
    X(PutResourcePolicy) X(GetResourcePolicy) X(GetResourcePolicies) X(DeleteResourcePolicy)                           \
    X(CreateScript) X(GetDataflowGraph) X(GetMapping) X(GetPlan)                                                       \
    X(CreateCatalog) X(GetCatalog) X(GetCatalogs) X(UpdateCatalog) X(DeleteCatalog)                                    \
    X(CreateTableOptimizer) X(GetTableOptimizer) X(UpdateTableOptimizer) X(DeleteTableOptimizer)                       \
    X(GetUnfilteredTableMetadata) X(GetUnfilteredPartitionMetadata) X(GetUnfilteredPartitionsMetadata)
/* clang-format on */

#endif
