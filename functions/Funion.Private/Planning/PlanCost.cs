namespace Funion.Private.Planning;

/// <summary>What one inference costs.</summary>
/// <param name="OfflineBytes">Both ways, exact.</param>
/// <param name="OnlineBytes">Both ways, exact.</param>
/// <param name="OfflineRounds">Exact.</param>
/// <param name="OnlineRounds">Exact.</param>
/// <param name="OfflineSeconds">Predicted.</param>
/// <param name="OnlineSeconds">Predicted.</param>
public readonly record struct PlanCost(long OfflineBytes, long OnlineBytes, int OfflineRounds, int OnlineRounds, double OfflineSeconds, double OnlineSeconds)
{
    /// <summary>Of both phases.</summary>
    public long Bytes => OfflineBytes + OnlineBytes;

    /// <summary>Of both phases.</summary>
    public int Rounds => OfflineRounds + OnlineRounds;

    /// <summary>Of both phases.</summary>
    public double Seconds => OfflineSeconds + OnlineSeconds;
}
