/** How help tells of the options that ask for normal forms, wherever files are attested. */
export const NORMAL_FORM =
  "attest also what files are without signatures inside, as FILE.unsigned, of .deb and of steps too (default: of PE, RPM, APK, MAR, Mach-O)";
export const NO_NORMAL_FORM = "attest files only as they are";
