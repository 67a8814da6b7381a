/* The operations of Athena: one row each gives routing and the line of `weir local coverage`.
 * X(operation, handler, state, missing) for what is there; ATHENA_ABSENT(X) names what is not. */
#ifndef WEIR_LOCAL_ATHENA_OPS_H
#define WEIR_LOCAL_ATHENA_OPS_H

/* clang-format off */
#define ATHENA_OPERATIONS(X)                                                                                           \
    X(StartQueryExecution, athena_op_start, PARTIAL, "CTAS, INSERT, UNLOAD, CREATE VIEW, "          \
      "EXPLAIN, PREPARE and EXECUTE, the .metadata object, workgroup settings, result reuse, encryption")  \
    X(GetQueryExecution, athena_op_get, DONE, NULL)                                                                    \
    X(BatchGetQueryExecution, athena_op_batch_get, DONE, NULL)                                                         \
    X(StopQueryExecution, athena_op_stop, DONE, NULL)                                                                  \
    X(ListQueryExecutions, athena_op_list, DONE, NULL)                                                                 \
    X(GetQueryResults, athena_op_results, PARTIAL, "UpdateCount, QueryResultType DATA_MANIFEST")      \
    X(ListDataCatalogs, athena_op_list_catalogs, DONE, NULL)                                                           \
    X(GetDataCatalog, athena_op_get_catalog, DONE, NULL)                                                               \
    X(ListDatabases, athena_op_list_databases, DONE, NULL)                                                             \
    X(GetDatabase, athena_op_get_database, DONE, NULL)                                                                 \
    X(ListTableMetadata, athena_op_list_tables, DONE, NULL)                                                            \
    X(GetTableMetadata, athena_op_get_table, DONE, NULL)

#define ATHENA_ABSENT(X)                                                                                               \
    X(CreateDataCatalog) X(DeleteDataCatalog) X(UpdateDataCatalog) X(CancelCapacityReservation)                        \
    X(CreateCapacityReservation) X(DeleteCapacityReservation) X(GetCapacityReservation) X(ListCapacityReservations)    \
    X(UpdateCapacityReservation) X(GetCapacityAssignmentConfiguration) X(PutCapacityAssignmentConfiguration)           \
    X(CreateNotebook) X(CreatePresignedNotebookUrl) X(DeleteNotebook) X(ExportNotebook) X(GetNotebookMetadata)         \
    X(ImportNotebook) X(ListNotebookMetadata) X(ListNotebookSessions) X(UpdateNotebook) X(UpdateNotebookMetadata)      \
    X(StartSession) X(GetSession) X(GetSessionStatus) X(ListSessions) X(TerminateSession)                              \
    X(StartCalculationExecution) X(GetCalculationExecution) X(GetCalculationExecutionCode)                             \
    X(GetCalculationExecutionStatus) X(ListCalculationExecutions) X(StopCalculationExecution) X(ListExecutors)         \
    X(ListApplicationDPUSizes) X(ListEngineVersions) X(TagResource) X(UntagResource) X(ListTagsForResource)            \
    X(GetQueryRuntimeStatistics) X(CreateWorkGroup) X(GetWorkGroup) X(ListWorkGroups) X(UpdateWorkGroup)               \
    X(DeleteWorkGroup) X(CreateNamedQuery) X(GetNamedQuery) X(BatchGetNamedQuery) X(ListNamedQueries)                  \
    X(UpdateNamedQuery) X(DeleteNamedQuery) X(CreatePreparedStatement) X(GetPreparedStatement)                         \
    X(BatchGetPreparedStatement) X(ListPreparedStatements) X(UpdatePreparedStatement) X(DeletePreparedStatement)
/* clang-format on */
#endif
