/* The operations of Athena: one row each gives routing and the line of `weir local coverage`.
 * X(operation, handler, state, missing) for what is there; ATHENA_ABSENT(X) names what is not. */
#ifndef WEIR_LOCAL_ATHENA_OPS_H
#define WEIR_LOCAL_ATHENA_OPS_H

/* clang-format off */
#define ATHENA_OPERATIONS(X)                                                                                           \
    X(StartQueryExecution, athena_op_start, PARTIAL, "tables of Iceberg, ORC, Avro, Ion and Grok; partition projection; texts in bzip2, snappy, lzo, lz4; CSE_KMS, managed results")\
    X(GetQueryExecution, athena_op_get, DONE, NULL)                                                                    \
    X(BatchGetQueryExecution, athena_op_batch_get, DONE, NULL)                                                         \
    X(StopQueryExecution, athena_op_stop, DONE, NULL)                                                                  \
    X(ListQueryExecutions, athena_op_list, DONE, NULL)                                                                 \
    X(GetQueryResults, athena_op_results, DONE, NULL)                                                                  \
    X(GetQueryRuntimeStatistics, athena_op_runtime, PARTIAL, "the stages of the plan; the rows read")                  \
    X(ListDataCatalogs, athena_op_list_catalogs, DONE, NULL)                                                           \
    X(GetDataCatalog, athena_op_get_catalog, DONE, NULL)                                                               \
    X(ListDatabases, athena_op_list_databases, DONE, NULL)                                                             \
    X(GetDatabase, athena_op_get_database, DONE, NULL)                                                                 \
    X(ListTableMetadata, athena_op_list_tables, DONE, NULL)                                                            \
    X(GetTableMetadata, athena_op_get_table, DONE, NULL)                                                               \
    X(CreateWorkGroup, athena_op_create_workgroup, PARTIAL, "managed results, Spark, identity centre, own keys; RequesterPays and metrics flags are kept only")\
    X(GetWorkGroup, athena_op_get_workgroup, DONE, NULL)                                                               \
    X(ListWorkGroups, athena_op_list_workgroups, DONE, NULL)                                                           \
    X(UpdateWorkGroup, athena_op_update_workgroup, PARTIAL, "as CreateWorkGroup")                                      \
    X(DeleteWorkGroup, athena_op_delete_workgroup, DONE, NULL)                                                         \
    X(ListEngineVersions, athena_op_list_engines, DONE, NULL)                                                          \
    X(TagResource, athena_op_tag, PARTIAL, "workgroups only")                                                          \
    X(UntagResource, athena_op_untag, PARTIAL, "workgroups only")                                                      \
    X(ListTagsForResource, athena_op_list_tags, PARTIAL, "workgroups only")                                            \
    X(CreateNamedQuery, athena_op_create_named, DONE, NULL)                                                            \
    X(GetNamedQuery, athena_op_get_named, DONE, NULL)                                                                  \
    X(BatchGetNamedQuery, athena_op_batch_get_named, DONE, NULL)                                                       \
    X(ListNamedQueries, athena_op_list_named, DONE, NULL)                                                              \
    X(UpdateNamedQuery, athena_op_update_named, DONE, NULL)                                                            \
    X(DeleteNamedQuery, athena_op_delete_named, DONE, NULL)                                                            \
    X(CreatePreparedStatement, athena_op_create_prepared, DONE, NULL)                                                  \
    X(GetPreparedStatement, athena_op_get_prepared, DONE, NULL)                                                        \
    X(BatchGetPreparedStatement, athena_op_batch_get_prepared, DONE, NULL)                                             \
    X(ListPreparedStatements, athena_op_list_prepared, DONE, NULL)                                                     \
    X(UpdatePreparedStatement, athena_op_update_prepared, DONE, NULL)                                                  \
    X(DeletePreparedStatement, athena_op_delete_prepared, DONE, NULL)

#define ATHENA_ABSENT(X)                                                                                               \
    X(CreateDataCatalog) X(DeleteDataCatalog) X(UpdateDataCatalog) X(CancelCapacityReservation)                        \
    X(CreateCapacityReservation) X(DeleteCapacityReservation) X(GetCapacityReservation)                                \
    X(ListCapacityReservations) X(UpdateCapacityReservation) X(GetCapacityAssignmentConfiguration)                     \
    X(PutCapacityAssignmentConfiguration) X(CreateNotebook) X(CreatePresignedNotebookUrl) X(DeleteNotebook)            \
    X(ExportNotebook) X(GetNotebookMetadata) X(ImportNotebook) X(ListNotebookMetadata) X(ListNotebookSessions)         \
    X(UpdateNotebook) X(UpdateNotebookMetadata) X(StartSession) X(GetSession) X(GetSessionStatus)                      \
    X(ListSessions) X(TerminateSession) X(GetSessionEndpoint) X(GetResourceDashboard)                                  \
    X(StartCalculationExecution) X(GetCalculationExecution) X(GetCalculationExecutionCode)                             \
    X(GetCalculationExecutionStatus) X(ListCalculationExecutions) X(StopCalculationExecution) X(ListExecutors)         \
    X(ListApplicationDPUSizes)
/* clang-format on */
#endif
