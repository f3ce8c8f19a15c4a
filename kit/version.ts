/** Of this library; a test ties it to package.json. */
export const VERSION = '0.1.0'
