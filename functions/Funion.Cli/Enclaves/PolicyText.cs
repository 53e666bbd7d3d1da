using System.Text.Json.Nodes;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>What a policy says, for people and for programs.</summary>
static class PolicyText
{
    /// <summary>Who may ask, how often, for whom answers are sealed.</summary>
    public static string Sentence(EnclavePolicy policy)
    {
        string times = policy.Questions == 1 ? "once" : $"{policy.Questions} times";
        string questions = policy.Questions == int.MaxValue ? "as often as they like" : policy.Users.Count > 0 ? $"{times} each" : $"{times} all together";
        string who = policy.Users.Count > 0 ? $"{Named(policy.Users)} may ask" : "anybody may ask";
        string whom = policy.Recipients.Count > 0 ? Named(policy.Recipients) : "whomever the asker names";
        return $"policy of owner {policy.Owner.ToString()[..16]}…: {who}, {questions}; answers are sealed for {whom}; the cloud {(policy.IsHidden ? $"has the weights encrypted only, {policy.Bits} bits" : "owns the weights")}";
    }

    /// <summary>Why a policy does not let somebody ask; null when it does.</summary>
    /// <param name="policy">Of the model.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="hasKeys">Whether those are keys of a file, and not drawn for the question.</param>
    public static string? Excludes(EnclavePolicy policy, DataOwner asker, bool hasKeys)
    {
        string you = hasKeys ? "the keys of your --enclave-key are not among them; the owner makes another policy for those" : "you are not among them: give your keys with --enclave-key";
        return policy.Users.Count > 0 && !policy.Users.Contains(asker.User) ? $"The model's policy names who may ask, and {you}."
            : policy.Recipients.Count > 0 && !policy.Recipients.Contains(asker.Recipient) ? $"The model's policy names for whom answers are sealed, and {you}."
            : null;
    }

    static string Named(IReadOnlyList<Bytes32> keys) => keys.Count == 1 ? "one named key" : $"{keys.Count} named keys";

    public static JsonObject Json(EnclavePolicy policy) => new()
    {
        ["digest"] = policy.Digest().ToString(), ["owner"] = policy.Owner.ToString(), ["hidden"] = policy.IsHidden, ["bits"] = policy.Bits,
        ["questions"] = policy.Questions == int.MaxValue ? null : policy.Questions, ["questions_are"] = policy.Users.Count > 0 ? "of each user" : "of all together",
        ["users"] = new JsonArray([.. policy.Users.Select(key => JsonValue.Create(key.ToString()))]),
        ["recipients"] = new JsonArray([.. policy.Recipients.Select(key => JsonValue.Create(key.ToString()))]),
    };
}
