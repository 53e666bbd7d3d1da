using System.Net.Http.Headers;

namespace Funion.Oip;

/// <summary>What of a caller's request is looked at; nothing else of it goes anywhere.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="ContentType">As sent; null when there is none.</param>
/// <param name="Encoded">Whether the body says that it is compressed.</param>
/// <param name="JsonLength">The header Inference-Header-Content-Length; null when there is none.</param>
/// <param name="ReadBody">Reads the body; null for one of more than <see cref="OipRequest.MaxBytes"/>.</param>
public sealed record OipCall(
    string Method, string? ContentType, bool Encoded, string? JsonLength, Func<CancellationToken, Task<ReadOnlyMemory<byte>?>> ReadBody)
{
    /// <summary>Whether the body is of a type, and not compressed.</summary>
    public bool IsOfType(string type) =>
        !Encoded && MediaTypeHeaderValue.TryParse(ContentType, out MediaTypeHeaderValue? given)
        && string.Equals(given.MediaType, type, StringComparison.OrdinalIgnoreCase);
}
