using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cli.Oip;
using Funion.Client;
using Funion.Inference;
using Microsoft.AspNetCore.Http;

namespace Funion.Cli.Proxy;

/// <summary>An answer of the proxy, whole. Errors are the protocol's {"error":"sentence"} in words of the proxy alone.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">May be empty.</param>
/// <param name="ContentType">Null without a body.</param>
/// <param name="JsonLength">Inference-Header-Content-Length, or null.</param>
sealed record ProxyAnswer(int Status, ReadOnlyMemory<byte> Body, string? ContentType, int? JsonLength = null)
{
    public const string Json = "application/json";

    public const string Binary = "application/octet-stream";

    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    public static ProxyAnswer Of(JsonNode json, int status = StatusCodes.Status200OK) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(json), Json);

    public static ProxyAnswer Error(int status, string sentence) => Of(new JsonObject { ["error"] = sentence }, status);

    public static ProxyAnswer NoRoute { get; } = Error(StatusCodes.Status404NotFound, "There is no such route.");

    public static ProxyAnswer NoModel { get; } =
        Error(StatusCodes.Status404NotFound, "The network offers no such model, version or bucket.");

    public static ProxyAnswer Late { get; } = Error(StatusCodes.Status504GatewayTimeout, "The network gave no answer in time.");

    public static ProxyAnswer TooLarge { get; } =
        Error(StatusCodes.Status413PayloadTooLarge, $"A request has at most {OipRequest.MaxBytes} bytes.");

    /// <summary>What an exception of the client tells the caller: never its message, which may hold names of nodes and boxes.</summary>
    public static ProxyAnswer Of(FunionError error) => error switch
    {
        FunionError.NoSuchModel => NoModel,
        FunionError.BadInput => Error(StatusCodes.Status400BadRequest, "The input is not one that the network takes."),
        FunionError.TimedOut => Late,
        FunionError.Unreachable => Error(StatusCodes.Status503ServiceUnavailable, "The gateway cannot be reached."),
        _ => Error(StatusCodes.Status502BadGateway, "The network did not give a result."),
    };

    /// <summary>What a failure that the compute node published tells the caller.</summary>
    public static ProxyAnswer Of(InferenceFailure failure) => failure switch
    {
        InferenceFailure.Malformed or InferenceFailure.WrongInput =>
            Error(StatusCodes.Status400BadRequest, "The model does not take this input."),
        InferenceFailure.Overrun => Error(StatusCodes.Status504GatewayTimeout, "The model did not finish in its bucket."),
        InferenceFailure.Oversized => Error(StatusCodes.Status502BadGateway, "The result is larger than the model may answer."),
        _ => Error(StatusCodes.Status502BadGateway, "The model failed on this input."),
    };
}
