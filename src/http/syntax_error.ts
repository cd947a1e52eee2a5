/** What cannot be part of an HTTP response, in words for a person. */
export class HttpSyntaxError extends SyntaxError {
  override readonly name = "HttpSyntaxError";
}
