/** vipd's version, the one place that knows it. */
export const VERSION = "0.1.0";
