/** A violation of the syntax of an HTTP response, in words for a person. */
export class HttpSyntaxError extends SyntaxError {
  override readonly name = "HttpSyntaxError";
}
