using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Client;
using Funion.Inference;

namespace Funion.Oip;

/// <summary>An answer, whole. Errors are the protocol's {"error":"sentence"} in words that are not the network's.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">May be empty.</param>
/// <param name="ContentType">Null without a body.</param>
/// <param name="JsonLength">Inference-Header-Content-Length, or null.</param>
public sealed record OipAnswer(HttpStatusCode Status, ReadOnlyMemory<byte> Body, string? ContentType, int? JsonLength = null)
{
    /// <summary>The methods of a route that was asked by another one; null for every other answer.</summary>
    public string? Allow { get; init; }

    /// <summary>Type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>Type of tensors and of bytes.</summary>
    public const string Binary = "application/octet-stream";

    /// <summary>Says where the JSON of a body ends and binary tensors begin.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    /// <summary>JSON.</summary>
    public static OipAnswer Of(JsonNode json, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(json), Json);

    /// <summary>An error in one sentence.</summary>
    public static OipAnswer Error(HttpStatusCode status, string sentence) => Of(new JsonObject { ["error"] = sentence }, status);

    /// <summary>404.</summary>
    public static OipAnswer NoRoute { get; } = Error(HttpStatusCode.NotFound, "There is no such route.");

    /// <summary>404 for a model, a version or a bucket.</summary>
    public static OipAnswer NoModel { get; } =
        Error(HttpStatusCode.NotFound, "The network offers no such model, version or bucket.");

    /// <summary>504.</summary>
    public static OipAnswer Late { get; } = Error(HttpStatusCode.GatewayTimeout, "The network gave no answer in time.");

    /// <summary>413.</summary>
    public static OipAnswer TooLarge { get; } =
        Error(HttpStatusCode.RequestEntityTooLarge, $"A request has at most {OipRequest.MaxBytes} bytes.");

    /// <summary>What an exception of the client tells the caller: never its message, which may hold names of nodes and boxes.</summary>
    public static OipAnswer Of(FunionError error) => error switch
    {
        FunionError.NoSuchModel => NoModel,
        FunionError.BadInput => Error(HttpStatusCode.BadRequest, "The input is not one that the network takes."),
        FunionError.TimedOut => Late,
        FunionError.NoToken => Error(HttpStatusCode.TooManyRequests, "There is no token left to pay for a question with."),
        FunionError.Unreachable => Error(HttpStatusCode.ServiceUnavailable, "The gateway cannot be reached."),
        _ => Error(HttpStatusCode.BadGateway, "The network did not give a result."),
    };

    /// <summary>What a failure that the compute node published tells the caller.</summary>
    public static OipAnswer Of(InferenceFailure failure) => failure switch
    {
        InferenceFailure.Malformed or InferenceFailure.WrongInput =>
            Error(HttpStatusCode.BadRequest, "The model does not take this input."),
        InferenceFailure.Overrun => Error(HttpStatusCode.GatewayTimeout, "The model did not finish in its bucket."),
        InferenceFailure.Oversized => Error(HttpStatusCode.BadGateway, "The result is larger than the model may answer."),
        _ => Error(HttpStatusCode.BadGateway, "The model failed on this input."),
    };
}
