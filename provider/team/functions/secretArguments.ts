/** Beside a function's arguments: true where one of them is a secret of the program. The engine hands them over without their marks. */
export const SECRET_ARGUMENTS = "__secretArguments";
