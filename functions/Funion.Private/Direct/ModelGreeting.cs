using System.Buffers.Binary;
using System.Text;
using Funion.Private.Protocol;

namespace Funion.Private.Direct;

/// <summary>
/// The first words on a sealed line: which model is meant, and what its architecture is. Afterwards come offers.
/// <code>
/// question = name, zero-padded 64                                    client → provider
/// answer   = found 1 ‖ length 4 ‖ architecture                        provider → client
/// </code>
/// </summary>
public static class ModelGreeting
{
    const int NameSize = 64;

    /// <summary>Asks for a model; its architecture must be the promised one.</summary>
    public static async ValueTask<(DirectOutcome Outcome, ArchitectureOutcome Architecture, TwoPartyClient? Client)> AskAsync(
        Stream line, string model, Bytes32 promised, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(line);
        byte[] question = new byte[NameSize], answer = new byte[1 + sizeof(int)];
        if (!Encoding.UTF8.TryGetBytes(model, question, out _))
        {
            return (DirectOutcome.NoSuchModel, default, null);
        }
        if (!await DirectHandshake.TryWriteAsync(line, question, cancellation) || !await DirectHandshake.TryReadAsync(line, answer, cancellation))
        {
            return (DirectOutcome.Closed, default, null);
        }
        if (answer[0] != 1)
        {
            return (DirectOutcome.NoSuchModel, default, null);
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(1));
        if (length is < 1 or > ArchitectureReader.MaxSize)
        {
            return (DirectOutcome.Ok, ArchitectureOutcome.TooLarge, null);
        }
        byte[] architecture = new byte[length];
        if (!await DirectHandshake.TryReadAsync(line, architecture, cancellation))
        {
            return (DirectOutcome.Closed, default, null);
        }
        ArchitectureOutcome outcome = TwoPartyClient.TryCreate(architecture, promised, out TwoPartyClient? client);
        return (DirectOutcome.Ok, outcome, client);
    }

    /// <summary>Answers with what <paramref name="find"/> has of a name; null when there is no such model, or the client is gone.</summary>
    public static async ValueTask<ServerModel?> AnswerAsync(Stream line, Func<string, ServerModel?> find, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(find);
        byte[] question = new byte[NameSize];
        if (!await DirectHandshake.TryReadAsync(line, question, cancellation))
        {
            return null;
        }
        // What is no UTF-8 becomes a name that no model has.
        ServerModel? model = find(Encoding.UTF8.GetString(question).TrimEnd('\0'));
        byte[] architecture = model is null ? [] : ArchitectureFormat.ToBytes(model.Network), answer = new byte[1 + sizeof(int) + architecture.Length];
        answer[0] = (byte)(model is null ? 0 : 1);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(1), architecture.Length);
        architecture.CopyTo(answer, 1 + sizeof(int));
        return await DirectHandshake.TryWriteAsync(line, answer, cancellation) ? model : null;
    }
}
