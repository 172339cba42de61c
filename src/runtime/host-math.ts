/** Functions of numbers on the host with the same bits everywhere, for those who may not look into the compiler. */
export { hostMath } from "../compile/host-math.ts";
