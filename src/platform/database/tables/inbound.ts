/** Tables of migration "inbound": add them here, each with its row type. */
// eslint-disable-next-line -- filled by the module that owns it
export interface InboundTables {}
