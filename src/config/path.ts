/** The place of a value in the data: `["instances", 0, "vrid"]`. */
export type Path = readonly (string | number)[];
