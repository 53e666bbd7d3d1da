namespace Funion.IntegrationTests;

/// <summary>A theory about a Service Bus that is not ours; skipped where none is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class NamespaceTheoryAttribute : TheoryAttribute
{
    /// <summary>A connection string: a namespace's, with the right to manage it, or the emulator's.</summary>
    public const string Variable = "FUNION_SERVICEBUS";

    public NamespaceTheoryAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Skip = $"Set {Variable} to the connection string of a Service Bus namespace or of Microsoft's emulator to run the contract against it.";
        }
    }
}
