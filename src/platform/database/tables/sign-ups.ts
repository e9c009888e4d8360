/** Tables of migration "sign-ups": add them here, each with its row type. */
// eslint-disable-next-line -- filled by the module that owns it
export interface SignUpsTables {}
